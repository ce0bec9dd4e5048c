import { expect, test } from "vitest";
import { runs } from "../../src/cli/commands/read/runs.ts";
import { MAX_CONTEXT_BYTES } from "../../src/cli/hooks/limits/bounded-text.ts";
import { MAX_PAYLOAD_BYTES } from "../../src/cli/hooks/payload/payload.ts";
import { analysisSchema } from "../../src/domain/coaching/analysis.ts";
import { WINDOW_FAILURES } from "../../src/domain/history/failures.ts";
import { WINDOW_RUNS } from "../../src/domain/history/history.ts";
import { agentNameSchema, MAX_NAME_CHARACTERS } from "../../src/domain/run/agent-name.ts";
import { jsonProblem } from "../../src/domain/run/execution.ts";
import { completeRecord } from "../../src/domain/run/report.ts";
import { KEPT_SEEN_RUNS } from "../../src/domain/run/runs-by-key.ts";
import { Kaizen } from "../../src/kaizen/kaizen.ts";
import { createLog } from "../../src/log.ts";
import { Subscriptions } from "../../src/mcp/requests/subscriptions.ts";
import { MAX_OUTPUT_BYTES } from "../../src/mcp/shown/output-size.ts";
import { shownStats } from "../../src/mcp/shown/shown-stats.ts";
import { MAX_LINE_BYTES, MAX_UNDER_WAY, MAX_WAITING_BYTES } from "../../src/mcp/stdio/stdio.ts";
import { tools } from "../../src/mcp/tools/index.ts";
import { DEFAULT_LOCK_TIMEOUT_MS } from "../../src/storage/jsonl/lock/lock.ts";
import { LEASE_MS } from "../../src/storage/jsonl/lock/owner.ts";
import { createMemoryStore } from "../oracle/memory.ts";
import { chapter, table } from "./page.ts";

const limits = chapter("Limits");

function memoryKaizen(): Kaizen {
  let ids = 0;
  const randomHex = () => (ids++).toString(16).padStart(20, "0");
  const store = createMemoryStore({ now: Date.now, retentionDays: null });
  return new Kaizen({ store, now: Date.now, randomHex, retentionDays: null });
}

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
  expect(told("Requests worked on")).toEqual([MAX_UNDER_WAY, MAX_WAITING_BYTES]);
  expect(told("One answer")).toEqual([MAX_OUTPUT_BYTES]);
  expect(told("Waiting for another process's lock")).toEqual([DEFAULT_LOCK_TIMEOUT_MS / 1000]);
  const { properties } = tools.find((tool) => tool.name === "read_executions")?.listing().inputSchema ?? {};
  expect(told("Runs in one page")).toEqual([
    Reflect.get(properties?.limit ?? {}, "maximum"),
    Reflect.get(properties?.limit ?? {}, "default"),
  ]);
  expect(told("Windows of the figures")).toEqual([WINDOW_RUNS, WINDOW_FAILURES]);
  expect(told("What a hook gives")).toEqual([MAX_CONTEXT_BYTES]);
  expect(told("What a client sends to a hook")).toEqual([MAX_PAYLOAD_BYTES]);
  const shown = runs.flags.last?.description.match(/\d+/g)?.map(Number);
  expect(told("Runs of `runs`")).toEqual(shown);
  expect(limits).toContain(`the last ${KEPT_SEEN_RUNS.toLocaleString("en")} of an agent`);
  expect(limits).toContain(`when it is ${LEASE_MS / 1000} seconds old`);
});

test("an answer has as many kinds of failure as the page says", async () => {
  const [limit = 0] = told("Kinds of failure");
  const kaizen = memoryKaizen();
  // Digits are taken for what differs from run to run; letters are not.
  const kinds = Array.from({ length: limit + 1 }, (_, index) => String.fromCodePoint(0x61 + index));
  for (const error_type of kinds) await kaizen.record({ agent: "a", success: false, error_type });
  const { stats } = await kaizen.summary("a");
  expect(stats.failures).toHaveLength(limit + 1);
  expect(shownStats(stats).failures).toHaveLength(limit);
});

test("a client may have as many subscriptions as the page says, and no more", async () => {
  const [limit = 0] = told("Subscriptions");
  const kaizen = memoryKaizen();
  const silent = async () => {};
  const subscriptions = new Subscriptions({
    kaizen: async () => kaizen,
    log: createLog(() => {}),
    intervalMs: 3_600_000,
    tellUpdated: silent,
    tellListChanged: silent,
  });
  for (let index = 0; index < limit; index += 1) await subscriptions.subscribe(`kaizen://agents/a${index}/summary`);
  await expect(subscriptions.subscribe("kaizen://agents/another/summary")).rejects.toThrow("unsubscribe");
  subscriptions.close();
});

test("an agent's name may be as long as the page says", () => {
  expect(table(chapter("Tools"), "argument")[0]?.[2]).toContain(`1 to ${MAX_NAME_CHARACTERS} characters`);
  expect(agentNameSchema.safeParse("x".repeat(MAX_NAME_CHARACTERS)).success).toBe(true);
});
