import { expect, test } from "vitest";
import { agentNameSchema, MAX_NAME_CHARACTERS } from "../../src/domain/agent-name.ts";
import { analysisSchema } from "../../src/domain/analysis.ts";
import { jsonProblem } from "../../src/domain/execution.ts";
import { WINDOW_FAILURES, WINDOW_RUNS } from "../../src/domain/history.ts";
import { completeRecord } from "../../src/domain/report.ts";
import { MAX_OUTPUT_BYTES } from "../../src/mcp/output-size.ts";
import { MAX_LINE_BYTES } from "../../src/mcp/stdio.ts";
import { tools } from "../../src/mcp/tools/index.ts";
import { DEFAULT_LOCK_TIMEOUT_MS } from "../../src/storage/jsonl/lock.ts";
import { LEASE_MS } from "../../src/storage/jsonl/owner.ts";
import { chapter, table } from "./page.ts";

const limits = chapter("Limits");

/** The numbers of a row, in their order. */
function told(what: string): number[] {
  const row = table(limits, "what").find(([name]) => name?.startsWith(what));
  return [...(row?.[1] ?? "").matchAll(/[\d,]*\d/g)].map((match) => Number(match[0].replaceAll(",", "")));
}

test("a run may have as many bytes as the page says, and none more", () => {
  const [limit = 0] = told("One run");
  const context = { now: 0, retentionDays: null, id: "run_00000000000000000000" };
  const overhead = JSON.stringify(completeRecord({ notes: "" }, context)).length;
  const ofLength = (bytes: number) => completeRecord({ notes: "x".repeat(bytes - overhead) }, context);
  expect(JSON.stringify(ofLength(limit))).toHaveLength(limit);
  expect(() => ofLength(limit + 1)).toThrow(`${limit} are allowed`);
});

test("values may be nested as deep as the page says, and no deeper", () => {
  const [limit = 0] = told("Nesting");
  const nested = (levels: number): unknown => (levels === 0 ? 1 : { in: nested(levels - 1) });
  expect(jsonProblem(nested(limit), "it")).toBeUndefined();
  expect(jsonProblem(nested(limit + 1), "it")).toContain("nested deeper");
});

test("an analysis may have as many recommendations as the page says, and no more", () => {
  const [limit = 0] = told("Recommendations");
  const withAdvice = (count: number) => ({
    report: {},
    recommendations: Array.from({ length: count }, () => ({ agent: "a", title: "t" })),
  });
  expect(analysisSchema.safeParse(withAdvice(limit)).success).toBe(true);
  expect(analysisSchema.safeParse(withAdvice(limit + 1)).success).toBe(false);
});

test("the other sizes are those of the code", () => {
  expect(told("One line from the client")).toEqual([MAX_LINE_BYTES]);
  expect(told("One answer")).toEqual([MAX_OUTPUT_BYTES]);
  expect(told("Waiting for another process's lock")).toEqual([DEFAULT_LOCK_TIMEOUT_MS / 1000]);
  const { properties } = tools.find((tool) => tool.name === "read_executions")?.listing().inputSchema ?? {};
  expect(told("Runs in one page")).toEqual([
    Reflect.get(properties?.limit ?? {}, "maximum"),
    Reflect.get(properties?.limit ?? {}, "default"),
  ]);
  expect(told("Windows of the figures")).toEqual([WINDOW_RUNS, WINDOW_FAILURES]);
  expect(limits).toContain(`when it is ${LEASE_MS / 1000} seconds old`);
});

test("an agent's name may be as long as the page says", () => {
  expect(table(chapter("Tools"), "argument")[0]?.[2]).toContain(`1 to ${MAX_NAME_CHARACTERS} characters`);
  expect(agentNameSchema.safeParse("x".repeat(MAX_NAME_CHARACTERS)).success).toBe(true);
});
