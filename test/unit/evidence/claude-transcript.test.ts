import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { factsSchema } from "../../../src/domain/evidence/evidence.ts";
import { readTranscript, readWholeTranscript } from "../../../src/evidence/transcript/transcript.ts";
import { fastTemporaryFolder } from "../../support/places.ts";
import { ClaudeLines, KEY, MODEL, writtenAs } from "./claude-lines.ts";

const sample = fileURLToPath(new URL("../../fixtures/evidence/claude-sample.jsonl", import.meta.url));

const ofSample = {
  client: "claude-code",
  model: MODEL,
  duration_s: 15,
  tokens: { input: 24, output: 337, cache_read: 91_260, cache_write: 4872 },
  // 24 at 3, 337 at 15, 91,260 at 0.3, and 4,872 at 3.75 dollars for a million.
  cost_usd: 0.050775,
  price_table: "2026-09",
  tools: 6,
  tool_errors: 1,
  denied: 1,
  interrupted: 1,
  edits: 2,
  files: 1,
  seen: "green",
  tests: { runner: "vitest", runs: 3, passed: 132, failed: 0, how: "exit+summary" },
  checks: { runs: 0, red: 0 },
};

test("a transcript is read into facts, at once and by pieces", async () => {
  const reading = readTranscript(sample, { key: KEY });
  expect(reading?.facts).toEqual(ofSample);
  expect(factsSchema.parse(reading?.facts)).toEqual(ofSample);
  expect(reading).toMatchObject({
    client: "claude-code",
    isWhole: true,
    worked: 15_000,
    failure: undefined,
    reports: [],
  });
  expect(reading?.sessionId).toBe("7f1c2a90-0000-4c8e-9a51-000000000001");
  expect(reading?.startedAt).toBe(Date.parse("2026-11-28T10:00:00Z"));
  expect(reading?.endedAt).toBe(Date.parse("2026-11-28T10:00:15Z"));
  expect(reading?.messageIds.size).toBe(6);
  const { agentType, isWithin, ...whole } = (await readWholeTranscript(sample, { key: KEY })) ?? {};
  expect(reading).toMatchObject(whole);
});

test("of another run's transcript nothing is read, and of a shared one only the run's own lines", () => {
  expect(readTranscript(sample, { key: "b1" })).toBeUndefined();
  const lines = new ClaudeLines()
    .answer("m1", 100)
    .answer("m2", 50, { agentId: "b1" })
    .answer("m3", 7, { agentId: undefined });
  const path = writtenAs("session.jsonl", lines.text);
  expect(readTranscript(path, { key: KEY })?.facts.tokens?.output).toBe(100);
  expect(readTranscript(path, { key: "b1" })?.facts.tokens?.output).toBe(50);
  // Without a run, it is the main conversation's.
  const main = new ClaudeLines().answer("m1", 100).answer("m4", 3, { isSidechain: false, agentId: undefined });
  expect(readTranscript(writtenAs("session.jsonl", main.text), {})?.facts.tokens?.output).toBe(3);
});

describe("tokens", () => {
  test("count once for an answer, by its largest line, of equals the last", () => {
    const lines = new ClaudeLines().answer("m1", 1).answer("m1", 40).answer("m1", 40, {}, { model: "claude-opus-5" });
    lines.answer("m1", 9).answer("m2", 5);
    expect(lines.read().facts).toMatchObject({ tokens: { input: 20, output: 45 }, model: MODEL });
    // The last of the equals is of a model with other prices: 10 at 5, 40 at 25; and 10 at 3, 5 at 15.
    expect(lines.read().facts.cost_usd).toBe(0.001155);
  });

  test("count by the request as well, if the lines say one", () => {
    const known = new ClaudeLines().answer("m1", 40, { requestId: undefined }).answer("m1", 40).answer("m1", 40);
    expect(known.read().facts.tokens?.output).toBe(40);
    const replayed = new ClaudeLines().answer("m1", 40).answer("m1", 41, { requestId: "req_other" });
    expect(replayed.read().facts.tokens?.output).toBe(81);
  });

  test("of answers that the client made up, or that another transcript has, do not count", () => {
    const lines = new ClaudeLines().answer("m1", 40);
    lines
      .answer("m2", 500, { isApiErrorMessage: true })
      .answer("m3", 600, {}, { model: "<synthetic>" })
      .answer("m4", 2);
    expect(lines.read().facts).toMatchObject({ tokens: { output: 42 }, model: MODEL });
    expect(lines.read(new Set(["m1"])).facts).toMatchObject({ tokens: { output: 2 } });
    expect([...lines.read().messageIds]).toEqual(["m1", "m4"]);
  });

  test("that cannot be are none", () => {
    const usage = {
      input_tokens: -5,
      output_tokens: "7",
      cache_read_input_tokens: 1e300,
      cache_creation_input_tokens: 0.5,
    };
    expect(new ClaudeLines().answer("m1", 0, {}, { usage }).read().facts.tokens).toEqual({
      input: 0,
      output: 0,
      cache_read: 0,
      cache_write: 0,
    });
    expect(new ClaudeLines().says("hi").read().facts).not.toHaveProperty("tokens");
  });

  test("have a price by how long the cache holds, and none if the model or the way has none in the table", () => {
    const usage = {
      input_tokens: 0,
      output_tokens: 0,
      cache_creation_input_tokens: 3000,
      cache_creation: { ephemeral_5m_input_tokens: 1000, ephemeral_1h_input_tokens: 2000 },
    };
    expect(new ClaudeLines().answer("m1", 0, {}, { usage }).read().facts.cost_usd).toBe(0.01575);
    const unknown = new ClaudeLines().answer("m1", 5).answer("m2", 5, {}, { model: "claude-next" }).read().facts;
    expect(unknown).toMatchObject({ cost_usd: null, model: "claude-next" });
    expect(unknown).not.toHaveProperty("price_table");
    const fast = new ClaudeLines().answer("m1", 5, {}, { usage: { output_tokens: 5, speed: "fast" } });
    expect(fast.read().facts.cost_usd).toBeNull();
    const tier = new ClaudeLines().answer("m1", 5, {}, { usage: { output_tokens: 5, service_tier: "batch" } });
    expect(tier.read().facts.cost_usd).toBeNull();
  });

  test("of a model whose name is none leave the name out", () => {
    const facts = new ClaudeLines().answer("m1", 5, {}, { model: "x`y\n## z" }).read().facts;
    expect(facts).not.toHaveProperty("model");
    expect(facts.cost_usd).toBeNull();
  });
});

describe("a command", () => {
  const seenAfter = (result: (lines: ClaudeLines) => ClaudeLines, input: Record<string, unknown> = {}) => {
    const lines = new ClaudeLines().call("e1", "Edit", { file_path: "/repo/a.ts" }).result("e1", "ok");
    return result(lines.call("t1", "Bash", { command: "npm test", ...input })).read().facts;
  };

  test("without an error ended with 0, unless the client says that it may not have", () => {
    expect(seenAfter((lines) => lines.result("t1", "fine")).seen).toBe("green");
    for (const unsure of [
      { interrupted: true },
      { returnCodeInterpretation: "No matches found" },
      { backgroundTaskId: "b1" },
      { timedOutAfterMs: 5 },
    ]) {
      const toolUseResult = { stdout: "fine", stderr: "", ...unsure };
      expect(seenAfter((lines) => lines.result("t1", "fine", { toolUseResult })).seen).toBe("unreadable");
    }
    expect(seenAfter((lines) => lines.result("t1", "fine"), { run_in_background: true }).seen).toBe("unreadable");
    expect(seenAfter((lines) => lines).seen).toBe("untested");
  });

  test("with an error says its status", () => {
    expect(seenAfter((lines) => lines.failed("t1", "Exit code 1\nit broke"))).toMatchObject({
      seen: "red",
      tool_errors: 1,
    });
    expect(seenAfter((lines) => lines.failed("t1", "Exit code 127\nbash: npm: command not found")).seen).toBe(
      "unreadable",
    );
    expect(seenAfter((lines) => lines.failed("t1", "Command timed out")).seen).toBe("unreadable");
  });

  test("has its output where the client put it", () => {
    const stderr = { stdout: "", stderr: "Tests:       1 failed, 1 total", interrupted: false };
    expect(seenAfter((lines) => lines.result("t1", "", { toolUseResult: stderr })).seen).toBe("red");
    const blocks = [{ type: "text", text: "Tests:       1 failed, 1 total" }];
    expect(seenAfter((lines) => lines.result("t1", blocks)).seen).toBe("red");
    const persisted = {
      stdout: `${"x\n".repeat(9000)}\n Tests  2 failed (2)`,
      persistedOutputPath: "/gone",
      stderr: "",
    };
    expect(seenAfter((lines) => lines.result("t1", "<persisted-output>", { toolUseResult: persisted })).seen).toBe(
      "red",
    );
  });

  test("counts once, however often its lines are repeated", () => {
    const lines = new ClaudeLines().call("e1", "Write", { file_path: "/repo/a.ts" }).result("e1", "ok");
    lines.call("e1", "Write", { file_path: "/repo/a.ts" }).result("e1", "ok");
    expect(lines.read().facts).toMatchObject({ tools: 1, edits: 1 });
  });
});

describe("a run that did not end by itself", () => {
  const denial = "The user doesn't want to proceed with this tool use. The tool use was rejected";

  test("was denied all its edits", () => {
    const lines = new ClaudeLines()
      .call("e1", "Edit", { file_path: "/repo/a.ts" })
      .failed("e1", denial)
      .answer("m1", 1);
    expect(lines.read().facts).toMatchObject({
      denied: 1,
      tool_errors: 0,
      edits: 0,
      seen: "no_edit",
      ended_by: "denied",
    });
    lines.call("e2", "Edit", { file_path: "/repo/a.ts" }).result("e2", "ok");
    expect(lines.read().facts).not.toHaveProperty("ended_by");
    const other = new ClaudeLines().call("b1", "Bash", { command: "git push" }).failed("b1", denial).answer("m1", 1);
    expect(other.read().facts).not.toHaveProperty("ended_by");
  });

  test("was interrupted, if that is the last that the user did", () => {
    const text = "[Request interrupted by user for tool use]";
    const lines = new ClaudeLines()
      .answer("m1", 1)
      .says([{ type: "text", text }])
      .add({ type: "system" });
    expect(lines.read().facts).toMatchObject({ interrupted: 1, ended_by: "interrupt" });
    expect(lines.says("go on").answer("m2", 1).read().facts).not.toHaveProperty("ended_by");
    expect(new ClaudeLines().says("[Request interrupted by user]").read().facts.ended_by).toBe("interrupt");
    const both = new ClaudeLines().call("t1", "Bash", { command: "sleep 9" });
    both
      .result("t1", "", { toolUseResult: { stdout: "", stderr: "", interrupted: true } })
      .says([{ type: "text", text }]);
    expect(both.read().facts).toMatchObject({ interrupted: 1, ended_by: "interrupt" });
  });

  test("was ended by an error of the API", () => {
    const content = [{ type: "text", text: "API Error: 529\noverloaded" }];
    const lines = new ClaudeLines().answer("m1", 1);
    lines.answer("m2", 0, { isApiErrorMessage: true, error: "overloaded_error" }, { content });
    const reading = lines.read();
    expect(reading.facts.ended_by).toBe("api_error");
    expect(reading.failure).toEqual({ errorType: "overloaded_error", error: "API Error: 529 overloaded" });
    expect(lines.says("go on").read().facts).not.toHaveProperty("ended_by");
  });
});

test.each([1, 2, 3, 4])("cut anywhere in its quarter %i, it says as much as its whole lines do", (quarter) => {
  const text = readFileSync(sample);
  const endOf = (one: number) => Math.floor((text.length * one) / 4);
  const whole = readTranscript(sample, { key: KEY })?.facts ?? {};
  const path = `${fastTemporaryFolder()}/agent-${KEY}.jsonl`;
  writeFileSync(path, text);
  for (let length = endOf(quarter); length >= endOf(quarter - 1); length--) {
    truncateSync(path, length);
    const facts = readTranscript(path, { key: KEY })?.facts ?? {};
    // Before the end of its first line nothing is known.
    const unknown = length < text.indexOf("\n") ? 0 : 9;
    const {
      denied = unknown,
      edits = unknown,
      interrupted = unknown,
      tokens,
      tool_errors = unknown,
      tools = unknown,
    } = facts;
    const isLess = tools <= 6 && tool_errors <= 1 && denied <= 1 && interrupted <= 1 && edits <= 2;
    if (!isLess || (tokens?.output ?? 0) > 337 || !factsSchema.safeParse(facts).success)
      expect.fail(`cut at ${length}`);
    // All but the end of the last line is there.
    if (length >= text.length - 1) expect(facts).toEqual(whole);
  }
});
