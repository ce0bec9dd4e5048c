import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { contextAnswer } from "../../../src/cli/hooks/payload/client.ts";
import { readPayload } from "../../../src/cli/hooks/payload/payload.ts";
import { reportingTool } from "../../../src/cli/hooks/texts/reporting-line.ts";

const fixtures: Record<string, Record<string, object>> = JSON.parse(
  readFileSync(new URL("../../fixtures/hooks/clients.json", import.meta.url), "utf8"),
);

/** What each client sets for a hook: several set Claude Code's variable beside their own. */
const environments: Record<string, Record<string, string>> = {
  "claude-code": { CLAUDE_PROJECT_DIR: "/p" },
  codex: {},
  copilot: { CLAUDE_PROJECT_DIR: "/p", COPILOT_PROJECT_DIR: "/p" },
  vscode: {},
  cursor: { CLAUDE_PROJECT_DIR: "/p", CURSOR_PROJECT_DIR: "/p" },
  opencode: {},
};

const cases = Object.entries(fixtures).flatMap(([name, { how: _, ...events }]) =>
  Object.entries(events).map(([event, sent]) => ({ client: name.split(" ")[0] ?? "", name, event, sent })),
);

describe.each(cases)("a payload of $name for $event", ({ client, event, sent }) => {
  // A client may be started from another one's shell, and have its variables too.
  const everything = { ...environments["claude-code"], ...environments[client] };
  const payload = readPayload(JSON.stringify(sent), environments[client] ?? {});

  test("is known by what it says", () => {
    expect(payload.client).toBe(client);
    expect(readPayload(JSON.stringify(sent), everything).client).toBe(client);
  });

  test("has the fields of Claude Code's", () => {
    expect(payload.cwd).toBe("PROJECT");
    expect(payload.session_id).toMatch(/^[\w-]+$/);
    if (event === "session-start") return;
    expect(payload.agent_type).toBe("reviewer");
    expect(payload.agent_id).toMatch(/^[\w-]+$/);
  });

  test("is answered in one form, the client's", () => {
    if (event === "subagent-stop") return;
    const name = event === "session-start" ? "SessionStart" : "SubagentStart";
    const answer = contextAnswer(payload.client, payload.sent, { event: name, text: "Facts.\n" });
    const claude = { hookSpecificOutput: { hookEventName: name, additionalContext: "Facts.\n" } };
    const input = { description: "Review the door", subagent_type: "reviewer" };
    const task = {
      permission: "allow",
      updated_input: { ...input, prompt: "Facts.\n\n## Task\n\nReview the door." },
    };
    const cursor = event === "session-start" ? { additional_context: "Facts.\n" } : task;
    const own: Record<string, object> = { copilot: { additionalContext: "Facts.\n" }, cursor };
    expect(JSON.parse(JSON.stringify(answer))).toEqual(own[client] ?? claude);
  });
});

test("what says nothing of its client is of Claude Code if that is what set the environment, and else of nobody we know", () => {
  expect(readPayload("{}", {}).client).toBe("other");
  expect(readPayload("{}", { CLAUDE_PROJECT_DIR: "/p" }).client).toBe("claude-code");
  expect(readPayload("{}", { CLAUDE_PROJECT_DIR: "/p", GEMINI_PROJECT_DIR: "/p" }).client).toBe("gemini");
  expect(readPayload('{"client":"claude-code"}', {}).client).toBe("other");
});

test("both ends of a task of Cursor are told apart from what is no task of it", () => {
  const cursor = fixtures.cursor ?? {};
  const read = (event: string, more: object) => readPayload(JSON.stringify({ ...cursor[event], ...more }), {});
  // A hook without a matcher is asked before every tool.
  expect(read("subagent-start", { tool_name: "Shell" })).not.toHaveProperty("agent_id");
  expect(read("subagent-start", { tool_name: "Shell", tool_input: { command: "ls" } }).agent_type).toBeUndefined();
  const { client, sent } = read("subagent-start", { tool_input: "not an object" });
  expect(contextAnswer(client, sent, { event: "SubagentStart", text: "x" })).toBeUndefined();
  // The call's id names the run wherever it is; without one, all that the end says does.
  expect(read("subagent-stop", { tool_call_id: "call_1\nfc_1" }).agent_id).toBe(read("subagent-start", {}).agent_id);
  expect(read("subagent-stop", {}).agent_id).toBe(read("subagent-stop", {}).agent_id);
  expect(read("subagent-stop", { task: "Another." }).agent_id).not.toBe(read("subagent-stop", {}).agent_id);
  expect(read("session-start", { workspace_roots: ["/c:/src/door"] }).cwd).toBe("c:/src/door");
});

test("an agent is told of the tool by the name that its client has for it", () => {
  const name = (client: Parameters<typeof reportingTool>[0], isOfPlugin = false) =>
    reportingTool(client, isOfPlugin).name;
  expect(name("claude-code")).toBe("mcp__kaizen-metrics__record_execution");
  expect(name("claude-code", true)).toBe("mcp__plugin_kaizen-metrics_kaizen-metrics__record_execution");
  expect(name("copilot")).toBe("kaizen-metrics-record_execution");
  expect(name("opencode")).toBe("kaizen-metrics_record_execution");
  expect(reportingTool("codex", false)).toEqual({ name: "record_execution", how: "namespace mcp__kaizen_metrics" });
  expect(reportingTool("vscode", false).how).toBe("MCP server kaizen-metrics");
});
