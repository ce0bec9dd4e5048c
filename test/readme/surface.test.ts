import { expect, test } from "vitest";
import * as z from "zod";
import { reportedExecutionSchema } from "../../src/domain/report.ts";
import { errorCodes } from "../../src/errors.ts";
import { agentResources, fixedResources } from "../../src/mcp/resources/index.ts";
import { tools } from "../../src/mcp/tools/index.ts";
import { agentUriTemplate } from "../../src/mcp/uris.ts";
import { chapter, codesIn, table } from "./page.ts";

const toolRows = table(chapter("Tools"), "tool");

test("the table of tools has every tool, in the order in which clients see them", () => {
  expect(toolRows.map(([name = ""]) => codesIn(name)[0])).toEqual(tools.map((tool) => tool.name));
});

test.each(tools.map((tool) => tool.listing()))("$name takes and gives what its row says", (listing) => {
  const row = toolRows.find(([name]) => name === `\`${listing.name}\``) ?? [];
  const { properties = {}, required = [] } = listing.inputSchema;
  const taken = Object.keys(properties).map((name) => (required.includes(name) ? name : `${name}?`));
  expect(codesIn(row[2] ?? "")).toEqual(taken);
  expect(codesIn(row[3] ?? "")).toEqual(Object.keys(listing.outputSchema?.properties ?? {}));
});

test("the table of a run's arguments has each of them, with its limits", () => {
  const rows = table(chapter("Tools"), "argument");
  const { properties = {} } = z.toJSONSchema(reportedExecutionSchema, { io: "input" });
  expect(rows.map(([name = ""]) => codesIn(name)[0])).toEqual(Object.keys(properties));
  for (const [name = "", , allowed = ""] of rows) {
    const schema = properties[codesIn(name)[0] ?? ""];
    const { maxLength, maximum, minimum } = typeof schema === "object" ? schema : {};
    const limits = [maxLength, minimum, maximum].filter((limit) => limit !== undefined);
    const told = limits.filter((limit) => limit !== Number.MAX_SAFE_INTEGER).map((limit) => limit.toLocaleString("en"));
    for (const limit of told) expect(allowed, name).toMatch(new RegExp(`\\b${limit}\\b`));
  }
});

test("the values that sort may have are those of list_agents", () => {
  const { properties } = tools.find((tool) => tool.name === "list_agents")?.listing().inputSchema ?? {};
  const row = toolRows.find(([name]) => name === "`list_agents`") ?? [];
  expect(codesIn(row[1] ?? "").slice(1)).toEqual(Reflect.get(properties?.sort ?? {}, "enum"));
});

test("the table of resources has every resource with its type, in their order", () => {
  const rows = table(chapter("Resources"), "address").map(([uri = "", type = ""]) => [
    ...codesIn(uri),
    ...codesIn(type),
  ]);
  expect(rows).toEqual([
    ...fixedResources.map(({ uri, mimeType }) => [uri, mimeType]),
    ...agentResources.map(({ view, mimeType }) => [agentUriTemplate(view), mimeType]),
  ]);
});

test("the table of errors has every code, in the order of the code", () => {
  expect(table(chapter("Errors"), "code").map(([code = ""]) => codesIn(code)[0])).toEqual([...errorCodes]);
});
