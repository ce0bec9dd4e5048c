import { expect, test } from "vitest";
import { linkedClient } from "../support/linked-client.ts";

/** Everything that a model or client sees before it calls anything. A change here is a change for every user. */
test("the surface is this", async () => {
  const { client } = await linkedClient();
  expect({
    server: client.getServerVersion(),
    capabilities: client.getServerCapabilities(),
    instructions: client.getInstructions(),
    ...(await client.listTools()),
    ...(await client.listResourceTemplates()),
    ...(await client.listPrompts()),
  }).toMatchSnapshot();
});

test("the list of tools has eight of them, and stays below 8,000 bytes", async () => {
  const { client } = await linkedClient();
  const listing = await client.listTools();
  expect(listing.tools).toHaveLength(8);
  expect(Buffer.byteLength(JSON.stringify(listing))).toBeLessThan(8_000);
});

test("the instructions have fewer than 120 words, and no more characters than clients keep", async () => {
  const { client } = await linkedClient();
  const instructions = client.getInstructions() ?? "";
  expect(instructions.split(/\s+/).length).toBeLessThan(120);
  expect(instructions.length).toBeLessThan(2_048);
});

test("the tool that reports is there in full from the start, and the others have words to be found by", async () => {
  const { client } = await linkedClient();
  const [first, ...others] = (await client.listTools()).tools;
  expect([first?.name, first?._meta]).toEqual(["record_execution", { "anthropic/alwaysLoad": true }]);
  // A subagent reads nothing else of how to report.
  for (const said of ["once, at the end of your task", "failed ones too", "leave out the rest", "your subagent type"]) {
    expect(first?.description).toContain(said);
  }
  for (const { _meta } of others) expect(_meta).toEqual({ "anthropic/searchHint": expect.stringMatching(/^[a-z ]+$/) });
});

test("every tool says all four hints, and describes every argument", async () => {
  const { client } = await linkedClient();
  for (const tool of (await client.listTools()).tools) {
    expect(Object.keys(tool.annotations ?? {}).sort()).toEqual([
      "destructiveHint",
      "idempotentHint",
      "openWorldHint",
      "readOnlyHint",
    ]);
    expect(tool.title).toBeTruthy();
    for (const [name, argument] of Object.entries(tool.inputSchema.properties ?? {})) {
      expect(argument, `${tool.name}.${name}`).toHaveProperty("description");
    }
  }
});

test("schemas use no word that some client refuses", async () => {
  const { client } = await linkedClient();
  const inputs = (await client.listTools()).tools.map((tool) => tool.inputSchema);
  const words = JSON.stringify(inputs);
  for (const word of ["anyOf", "oneOf", "allOf", "$ref", "$schema", "pattern", "exclusiveMinimum", "propertyNames"]) {
    expect(words).not.toContain(`"${word}"`);
  }
  expect(words.split('"additionalProperties":false').length - 1).toBe(inputs.length);
  expect(words).not.toContain("9007199254740991");
});
