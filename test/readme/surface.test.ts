import { expect, test } from "vitest";
import * as z from "zod";
import { statsSchema } from "../../src/domain/figures/stats.ts";
import { reportedExecutionSchema } from "../../src/domain/run/report.ts";
import { errorCodes } from "../../src/errors.ts";
import { prompts } from "../../src/mcp/prompts/index.ts";
import { agentResources, fixedResources } from "../../src/mcp/resources/index.ts";
import { agentListSchema } from "../../src/mcp/shown/agent-list.ts";
import { agentUriTemplate } from "../../src/mcp/shown/uris.ts";
import { tools } from "../../src/mcp/tools/index.ts";
import { chapter, codesIn, table } from "./page.ts";

const toolRows = table(chapter("Tools"), "tool");

test("the table of tools has every tool, in the order in which clients see them", () => {
  expect(toolRows.map(([name = ""]) => codesIn(name)[0])).toEqual(tools.map((tool) => tool.name));
});

/** The fields of a schema, with a mark behind those that may be missing. */
function fieldsOf({
  properties = {},
  required = [],
}: {
  properties?: object | undefined;
  required?: string[] | undefined;
}): string[] {
  return Object.keys(properties).map((name) => (required.includes(name) ? name : `${name}?`));
}

test.each(tools)("$name takes and gives what its row says", ({ listing, name, output }) => {
  const row = toolRows.find(([first]) => first === `\`${name}\``) ?? [];
  expect(codesIn(row[2] ?? "")).toEqual(fieldsOf(listing().inputSchema));
  const given = output === undefined ? [] : fieldsOf(z.toJSONSchema(output, { io: "output" }));
  expect(codesIn(row[3] ?? "")).toEqual(given);
  expect(Object.keys(listing().outputSchema?.properties ?? {})).toEqual(given.filter((field) => !field.endsWith("?")));
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

test("the table of prompts has every prompt with its arguments, in their order", () => {
  const rows = table(chapter("Prompts and subscriptions"), "prompt");
  expect(rows.map(([name = "", , taken = ""]) => [codesIn(name)[0], codesIn(taken)])).toEqual(
    prompts.map((prompt) => {
      const { arguments: taken = [] } = prompt.listing();
      return [prompt.name, taken.map(({ name, required }) => (required === true ? name : `${name}?`))];
    }),
  );
});

test("what an agent in list_agents has is all named", () => {
  const [, paragraph = ""] = /^Each agent in `list_agents`([\s\S]*?)\n\n/m.exec(chapter("Tools")) ?? [];
  const { properties } = z.toJSONSchema(agentListSchema.shape.agents.element);
  expect(codesIn(paragraph)).toEqual(expect.arrayContaining(Object.keys(properties ?? {})));
});

test("every figure of the stats is explained", () => {
  const explained = table(chapter("How each is computed"), "figure").flatMap(([names = ""]) => codesIn(names));
  const { success, ...others } = statsSchema.shape;
  const ofSuccess = Object.keys(success.shape).filter((name) => name !== "runs" && name !== "successes");
  expect(explained).toEqual(expect.arrayContaining(ofSuccess.map((name) => `success.${name}`)));
  expect(explained).toEqual(expect.arrayContaining(Object.keys(others)));
});

test("the table of errors has every code, in the order of the code", () => {
  expect(table(chapter("Errors"), "code").map(([code = ""]) => codesIn(code)[0])).toEqual([...errorCodes]);
});
