import { describe, expect, test } from "vitest";
import { factsSchema } from "../../../src/domain/evidence/evidence.ts";
import { readTranscript, type TranscriptReading } from "../../../src/evidence/transcript/transcript.ts";
import { writtenAs } from "./claude-lines.ts";

const KEY = "0199a213-81c0-7800-8aa1-bbab2a035a53";
const MODEL = "gpt-5.1-codex";

type Fields = Record<string, unknown>;

/** Lines of a rollout of Codex, two seconds apart from each other. */
class Rollout {
  readonly #lines: string[] = [];

  static begun(meta: Fields = {}): Rollout {
    const rollout = new Rollout().add("session_meta", {
      id: KEY,
      cwd: "/repo",
      cli_version: "0.171.0",
      source: "cli",
      ...meta,
    });
    return rollout.add("turn_context", { cwd: "/repo", model: MODEL, approval_policy: "on-request" });
  }

  get text(): string {
    return this.#lines.map((line) => `${line}\n`).join("");
  }

  add(type: string, payload: Fields, timestamp?: string): this {
    const at = timestamp ?? new Date(Date.UTC(2026, 10, 28, 10, 0, 2 * this.#lines.length)).toISOString();
    this.#lines.push(JSON.stringify({ timestamp: at, type, payload }));
    return this;
  }

  item(payload: Fields): this {
    return this.add("response_item", payload);
  }

  event(type: string, payload: Fields = {}, timestamp?: string): this {
    return this.add("event_msg", { type, ...payload }, timestamp);
  }

  call(id: string, name: string, args: Fields, more: Fields = {}): this {
    return this.item({ type: "function_call", name, arguments: JSON.stringify(args), call_id: id, ...more });
  }

  output(id: string, output: unknown): this {
    return this.item({ type: "function_call_output", call_id: id, output });
  }

  /** As newer versions write it. */
  ran(id: string, cmd: string, exit: number, output: string): this {
    const head = `Chunk ID: ${id}\nWall time: 1.0 seconds\nProcess exited with code ${exit}\nOriginal token count: 9\n`;
    return this.call(id, "exec_command", { cmd }).output(id, `${head}Output:\n${output}`);
  }

  patch(id: string, ...paths: string[]): this {
    const input = [
      "*** Begin Patch",
      ...paths.map((path) => `*** Update File: ${path}\n@@\n-a\n+b`),
      "*** End Patch",
    ].join("\n");
    return this.item({ type: "custom_tool_call", name: "apply_patch", input, call_id: id, status: "completed" });
  }

  patched(id: string, output: unknown): this {
    return this.item({ type: "custom_tool_call_output", call_id: id, output });
  }

  tokens(last: Fields | undefined, total?: Fields, timestamp?: string): this {
    return this.event("token_count", { info: { last_token_usage: last, total_token_usage: total } }, timestamp);
  }

  read(key = KEY): TranscriptReading {
    const reading = readTranscript(writtenAs(`rollout-2026-11-28T10-00-00-${KEY}.jsonl`, this.text), { key });
    if (reading === undefined) throw new Error("a rollout can be read");
    expect(factsSchema.parse(reading.facts)).toEqual(reading.facts);
    return reading;
  }
}

const usage = (input: number, cached: number, output: number) => ({
  input_tokens: input,
  cached_input_tokens: cached,
  output_tokens: output,
  reasoning_output_tokens: 1,
  total_tokens: input + output,
});
const patchedWell = JSON.stringify({
  output: "Success. Updated the following files:\nM a.ts",
  metadata: { exit_code: 0 },
});

test("a rollout is read into facts", () => {
  const rollout = Rollout.begun().item({
    type: "message",
    role: "user",
    content: [{ type: "input_text", text: "Fix it" }],
  });
  rollout.ran("c1", "npx vitest run", 1, " FAIL  a.test.ts > adds\n Tests  1 failed | 4 passed (5)\n");
  rollout.patch("c2", "src/a.ts", "src/b.ts").patched("c2", patchedWell);
  rollout
    .ran("c3", "npx vitest run", 0, " Tests  5 passed (5)\n")
    .tokens(usage(5000, 4000, 100), usage(5000, 4000, 100));
  rollout.event("task_complete");
  expect(rollout.read().facts).toEqual({
    client: "codex",
    model: MODEL,
    duration_s: 20,
    tokens: { input: 1000, output: 100, cache_read: 4000, cache_write: 0 },
    // 1,000 at 1.25, 4,000 at 0.125 and 100 at 10 dollars for a million.
    cost_usd: 0.00275,
    price_table: "2026-09",
    tools: 3,
    tool_errors: 1,
    denied: 0,
    interrupted: 0,
    edits: 2,
    files: 2,
    seen: "green",
    tests: { runner: "vitest", runs: 2, passed: 5, failed: 0, how: "exit+summary" },
    checks: { runs: 0, red: 0 },
  });
  expect(rollout.read()).toMatchObject({ client: "codex", sessionId: KEY, isWhole: true, worked: 20_000 });
});

describe("a command", () => {
  const closing = " Tests  1 failed | 4 passed (5)";
  const edited = () => Rollout.begun().patch("e1", "a.ts").patched("e1", patchedWell);

  test.each([
    ["JSON", JSON.stringify({ output: closing, metadata: { exit_code: 1, duration_seconds: 0.1 } })],
    ["lines before it", `Exit code: 1\nWall time: 0.1 seconds\nOutput:\n${closing}`],
    ["an object", { content: `Process exited with code 1\nOutput:\n${closing}`, success: false }],
    ["blocks", [{ type: "input_text", text: `Exit code: 1\nOutput:\n${closing}` }]],
  ])("has its output in %s", (_, output) => {
    const { facts } = edited()
      .call("c1", "shell", { command: ["bash", "-lc", "npm test"] })
      .output("c1", output)
      .read();
    expect(facts).toMatchObject({ seen: "red", tests: { failed: 1, passed: 4, how: "exit+summary" }, tool_errors: 1 });
  });

  test.each([
    ["shell_command", { command: "cd app && npm test" }],
    ["exec_command", { cmd: "npm test" }],
    ["shell", { command: ["npm", "test"] }],
    ["container.exec", { cmd: ["bash", "-lc", "npm test"] }],
  ])("may be called as %s", (name, args) => {
    const { facts } = edited().call("c1", name, args).output("c1", `Exit code: 0\nOutput:\nfine`).read();
    expect(facts).toMatchObject({ seen: "green", tests: { runs: 1 } });
  });

  test("may be one of the local shell, or end by an event", () => {
    const action = { type: "exec", command: ["bash", "-lc", "npm test"], working_directory: "/repo" };
    const local = edited().item({ type: "local_shell_call", call_id: "c1", action, status: "completed" });
    expect(local.output("c1", "Exit code: 0\nOutput:\nfine").read().facts.seen).toBe("green");
    const ended = edited().call("c1", "exec_command", { cmd: "npm test" });
    ended.event("exec_command_end", { call_id: "c1", exit_code: 1, aggregated_output: closing }).output("c1", closing);
    expect(ended.read().facts).toMatchObject({ seen: "red", tests: { runs: 1 } });
  });

  test("that says its status in what it printed has none", () => {
    const { facts } = edited()
      .call("c1", "exec_command", { cmd: "npm test" })
      .output("c1", "Output:\nExit code: 0")
      .read();
    expect(facts.seen).toBe("unreadable");
  });

  test("that goes on is followed to its end", () => {
    const running = (output: string) =>
      `Wall time: 1.0 seconds\nProcess running with session ID 42\nOutput:\n${output}`;
    const rollout = edited().call("c1", "exec_command", { cmd: "npm test" }).output("c1", running(" Tests  1 failed"));
    expect(rollout.read().facts).toMatchObject({ seen: "unreadable", tests: { runs: 1 } });
    rollout.call("c2", "write_stdin", { session_id: 42, chars: "" }).output("c2", running(" | 4 passed"));
    rollout.call("c3", "write_stdin", { session_id: 42, chars: "" });
    rollout.output("c3", "Process exited with code 1\nOutput:\n (5)");
    expect(rollout.read().facts).toMatchObject({ seen: "red", tests: { runs: 1, failed: 1, passed: 4 } });
  });
});

test("a patch is an edit if it was applied", () => {
  const failed = Rollout.begun().patch("e1", "a.ts").patched("e1", "apply_patch verification failed: no such line");
  expect(failed.read().facts).toMatchObject({ edits: 0 });
  const text = Rollout.begun().patch("e1", "a.ts").patched("e1", "Success. Updated the following files:\nM a.ts");
  expect(text.read().facts).toMatchObject({ edits: 1, files: 1 });
  const heredoc = "apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: package.json\n*** End Patch\nEOF";
  const shell = Rollout.begun().ran("c1", heredoc, 0, "Success");
  expect(shell.read().facts).toMatchObject({ edits: 1, files: 1, flags: ["config_changed"] });
  const denied = Rollout.begun().patch("e1", "a.ts").patched("e1", "patch rejected by user");
  expect(denied.read().facts).toMatchObject({ denied: 1, edits: 0, ended_by: "denied" });
});

describe("tokens", () => {
  test("are those of each request, and of one that is told again only once", () => {
    const rollout = Rollout.begun()
      .tokens(usage(100, 0, 10), usage(100, 0, 10))
      .tokens(usage(100, 0, 10), usage(100, 0, 10));
    rollout.event("token_count", { info: null }).tokens(usage(300, 200, 5), usage(400, 200, 15));
    expect(rollout.read().facts.tokens).toEqual({ input: 200, output: 15, cache_read: 200, cache_write: 0 });
  });

  test("are what a sum has grown by, if only that is told", () => {
    const rollout = Rollout.begun()
      .tokens(undefined, usage(100, 50, 10))
      .tokens(undefined, usage(250, 150, 30));
    rollout.tokens(undefined, usage(40, 0, 4));
    expect(rollout.read().facts.tokens).toEqual({ input: 140, output: 34, cache_read: 150, cache_write: 0 });
  });

  test("are not those of the parent, which a subagent's rollout begins with", () => {
    const source = { subagent: { thread_spawn: { parent_thread_id: "p", depth: 1, agent_role: "reviewer" } } };
    const at = (ms: number) => new Date(Date.UTC(2026, 10, 28, 10, 0, 0, ms)).toISOString();
    const rollout = new Rollout().add("session_meta", { id: KEY, cwd: "/repo", source }, at(0));
    rollout
      .add("session_meta", { id: "p", cwd: "/repo", source: "cli" }, at(5))
      .add("turn_context", { model: MODEL }, at(6));
    const replay = { type: "function_call", name: "exec_command", arguments: '{"cmd":"npm test"}', call_id: "p1" };
    rollout.add("response_item", replay, at(7));
    rollout.tokens(usage(900, 0, 90), usage(900, 0, 90), at(8)).tokens(undefined, usage(1000, 0, 100), at(1500));
    const reading = rollout.read();
    expect(reading.facts).toMatchObject({ tokens: { input: 100, output: 10 }, tools: 0 });
    expect([reading.sessionId, reading.agentType()]).toEqual([KEY, "reviewer"]);
    const own = Rollout.begun().tokens(usage(900, 0, 90), usage(900, 0, 90), at(8));
    expect(own.read().facts.tokens?.input).toBe(900);
  });
});

test("a turn that the user ended is an interrupt", () => {
  const rollout = Rollout.begun().ran("c1", "ls", 0, "").event("turn_aborted", { reason: "interrupted" });
  expect(rollout.read().facts).toMatchObject({ interrupted: 1, ended_by: "interrupt" });
  rollout.item({ type: "message", role: "assistant", content: [{ type: "output_text", text: "On." }] });
  expect(rollout.read().facts).not.toHaveProperty("ended_by");
  const replaced = Rollout.begun().event("turn_aborted", { reason: "replaced" });
  expect(replaced.read().facts).toMatchObject({ interrupted: 0 });
});

test("a report to this server is seen", () => {
  const args = { agent: "reviewer", idempotency_key: KEY };
  const accepted = Rollout.begun().call("r1", "record_execution", args, { namespace: "mcp__kaizen_metrics__" });
  accepted.output("r1", `Recorded as run_${"0".repeat(20)}.`);
  expect(accepted.read().reports).toEqual([{ agent: "reviewer", key: KEY, id: `run_${"0".repeat(20)}` }]);
  const refused = Rollout.begun()
    .call("r1", "mcp__kaizen-metrics__record_execution", args)
    .output("r1", "No such agent.");
  expect(refused.read().reports).toEqual([]);
});

test("another rollout is not the run's", () => {
  const path = writtenAs("rollout.jsonl", Rollout.begun().text);
  expect(readTranscript(path, { key: KEY })?.client).toBe("codex");
  expect(readTranscript(path, { key: "another" })).toBeUndefined();
});
