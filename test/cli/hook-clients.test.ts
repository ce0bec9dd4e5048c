import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Ran } from "../support/command.ts";
import { temporaryFolder } from "../support/places.ts";
import { bundle } from "../support/server-process.ts";
import { contextIn, HookProject, silent } from "./hook-project.ts";

// Each client sends payloads of its own, and takes answers of its own. What is here was seen, or is documented.

const fixtures: Record<string, Record<string, object>> = JSON.parse(
  readFileSync(new URL("../fixtures/hooks/clients.json", import.meta.url), "utf8"),
);
const AGENT = "reviewer";
const COPILOT = "cb2c3057-1aaa-49ca-a4c3-94e02d3fb471";

class ClientProject extends HookProject {
  send(client: string, event: string, more: object = {}): Promise<Ran> {
    const text = JSON.stringify({ ...fixtures[client]?.[event], ...more });
    return this.hook(event, text.replaceAll("PROJECT", this.root), { COPILOT_PROJECT_DIR: this.root });
  }

  /** Our hooks in a client's file, by a line for a shell. */
  configure(file: string, events: Readonly<Record<string, string>>, inGroups: boolean, program = bundle): void {
    const handler = (name: string) => ({ type: "command", command: `node ${program} hook ${name}` });
    const items = Object.entries(events).map(([event, name]) => {
      const { command, type } = handler(name);
      return [event, [inGroups ? { hooks: [{ type, command }] } : { type, bash: command, powershell: command }]];
    });
    this.write(file, JSON.stringify({ version: 1, hooks: Object.fromEntries(items) }));
  }
}

function answerIn({ status, stderr, stdout }: Ran) {
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return JSON.parse(stdout);
}

test("a subagent of Copilot CLI gets its brief on top of the answer, and its run is seen from both of its files as one", async () => {
  const project = new ClientProject();
  const { additionalContext, ...others } = answerIn(await project.send("copilot", "subagent-start"));
  expect(others).toEqual({});
  expect(additionalContext).toContain(`\`kaizen-metrics-record_execution\` with agent \`${AGENT}\``);
  expect(additionalContext).toContain(`idempotency_key "${COPILOT}"`);
  silent(await project.send("copilot of Claude Code's file", "subagent-stop"));
  expect(await project.coverage(AGENT)).toEqual({ started: 1, ended: 1, reported: 0, verified: 0 });
  await project.kaizen.record({ agent: AGENT, success: true });
  const session = answerIn(await project.send("copilot of Claude Code's file", "session-start"));
  expect(Object.keys(session)).toEqual(["additionalContext"]);
});

const inGithub = { subagentStart: "subagent-start" };
const inClaude = { SubagentStart: "subagent-start" };
const CLAUDE = "copilot of Claude Code's file";

test("if Copilot CLI finds the same hook in two files, its own file's answers", async () => {
  const project = new ClientProject();
  project.configure(".claude/settings.json", inClaude, true);
  expect(answerIn(await project.send(CLAUDE, "subagent-start")).additionalContext).toContain(COPILOT);
  project.configure(".github/hooks/kaizen-metrics.json", inGithub, false);
  silent(await project.send(CLAUDE, "subagent-start"));
  expect(answerIn(await project.send("copilot", "subagent-start")).additionalContext).toContain(COPILOT);
  // A program that is nowhere answers nothing, and what another one does is not known.
  project.write("kaizen-metrics/dist/main.js", "");
  for (const program of ["/gone/dist/main.js", "kaizen-metrics/dist/main.js"]) {
    project.configure(".github/hooks/kaizen-metrics.json", inGithub, false, program);
    expect(answerIn(await project.send(CLAUDE, "subagent-start")).additionalContext).toContain(COPILOT);
  }
  // For Claude Code its own file stays the one.
  expect(contextIn(await project.send("claude-code", "subagent-start"), "SubagentStart")).toContain(
    "a5b2f68e4468a6728",
  );
});

test("a task of Cursor begins with the brief, and its end is known again by it", async () => {
  const project = new ClientProject();
  const { permission, updated_input, ...others } = answerIn(await project.send("cursor", "subagent-start"));
  expect({ permission, others }).toEqual({ permission: "allow", others: {} });
  expect(updated_input).toEqual({
    description: "Review the door",
    subagent_type: AGENT,
    prompt: expect.stringMatching(/^# `reviewer`[\s\S]*\n## Task\n\nReview the door\.$/),
  });
  const [, key] = /idempotency_key "(cursor-[0-9a-f]{20})"/.exec(updated_input.prompt) ?? [];
  silent(await project.send("cursor", "subagent-stop", { task: updated_input.prompt }));
  expect(project.lifecycle(AGENT)).toMatchObject([
    { event: "started", key },
    { event: "ended", key, duration_s: 45 },
  ]);
  const { run } = (await project.kaizen.evidence.find(key ?? "")) ?? {};
  expect(run?.facts).toMatchObject({ duration_s: 45, tools: 8, files: 1 });
});

test("the end of a task is known by the client's transcript too, and without either it is all that is noted", async () => {
  const project = new ClientProject();
  const { updated_input } = answerIn(await project.send("cursor", "subagent-start"));
  const transcript = join(temporaryFolder(), "transcript.jsonl");
  writeFileSync(transcript, `${JSON.stringify({ role: "user", text: updated_input.prompt })}\n`);
  silent(await project.send("cursor", "subagent-stop", { agent_transcript_path: transcript }));
  expect(await project.coverage(AGENT)).toEqual({ started: 1, ended: 1, reported: 0, verified: 0 });
  const other = { agent_transcript_path: "/gone", duration_ms: null, modified_files: null, tool_call_count: "8" };
  for (const _ of [1, 2]) silent(await project.send("cursor", "subagent-stop", other));
  expect(await project.coverage(AGENT)).toEqual({ started: 2, ended: 2, reported: 0, verified: 0 });
});

test("a task that Cursor says has failed is recorded, and one that a person has stopped is not", async () => {
  const project = new ClientProject();
  silent(await project.send("cursor", "subagent-stop", { status: "aborted", task: "Another." }));
  expect(await project.runs(AGENT)).toEqual([]);
  silent(await project.send("cursor", "subagent-stop", { status: "error" }));
  expect(await project.runs(AGENT)).toMatchObject([{ success: false, error_type: "api_error", execution_time_s: 45 }]);
});

test("a subagent of opencode is told of its tool, and a turn that an error has ended is recorded", async () => {
  const project = new ClientProject();
  const context = contextIn(await project.send("opencode", "subagent-start"), "SubagentStart");
  expect(context).toContain("`kaizen-metrics_record_execution` with agent");
  const failed = { hook_event_name: "StopFailure", error: "ProviderAuthError", error_details: "The key has expired." };
  const more = { ...failed, last_assistant_message: undefined };
  silent(await project.send("opencode", "subagent-stop", more));
  const failure = { error_type: "ProviderAuthError", error: "The key has expired.", idempotency_key: "ses_2" };
  expect(await project.runs(AGENT)).toMatchObject([{ success: false, ...failure }]);
});

test("VS Code is answered as Claude Code is, also if the payload is written in its own way", async () => {
  const project = new ClientProject();
  const context = contextIn(await project.send("vscode", "subagent-start"), "SubagentStart");
  expect(context).toContain("`record_execution` (MCP server kaizen-metrics)");
  silent(await project.send("vscode", "subagent-stop"));
  expect(await project.coverage(AGENT)).toEqual({ started: 1, ended: 1, reported: 0, verified: 0 });
});
