import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../../../src/build/checkout.ts";
import type { User } from "../user.ts";
import { ABOUT_AGENT, AGENT, type AgentClient, linesWith, type Start } from "./client.ts";

const debugFile = (user: User) => join(user.home, "claude-code.log");

export const claudeCode: AgentClient = {
  name: "claude-code",
  title: "Claude Code",
  packages: { "@anthropic-ai/claude-code": "2.1.332" },
  program: "@anthropic-ai/claude-code/bin/claude.exe",
  initAs: ["claude-code"],
  hooks: { session: true, subagents: true, failures: true },
  prepare(user) {
    user.write(`.claude/agents/${AGENT}.md`, `---\nname: ${AGENT}\ndescription: ${ABOUT_AGENT}\n---\nReview.\n`);
  },
  line: (of, prompt) => line(of, prompt, "mcp__kaizen-metrics", ["--mcp-config", ".mcp.json", "--strict-mcp-config"]),
  env: ({ user }, modelUrl) => ({
    CLAUDE_CONFIG_DIR: join(user.home, ".claude"),
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    DISABLE_TELEMETRY: "1",
    DISABLE_AUTOUPDATER: "1",
    ANTHROPIC_BASE_URL: modelUrl,
    ANTHROPIC_API_KEY: "sk-ant-api03-x",
  }),
  delegate: (prompt) => [
    { tool: "Agent", input: { description: "a review", prompt, subagent_type: AGENT, run_in_background: false } },
  ],
  complaints: (user) => linesWith(readFileSync(debugFile(user), "utf8"), /\[ERROR\]/),
};

/** The same by the plugin: no file of the project names us. */
export const claudeCodePlugin: AgentClient = {
  ...claudeCode,
  name: "claude-code-plugin",
  title: "Claude Code, plugin",
  initAs: [],
  line: (of, prompt) => {
    const folder = join(checkout, "dist", "plugin");
    return line(of, prompt, "mcp__plugin_kaizen-metrics_kaizen-metrics", ["--plugin-dir", folder]);
  },
};

function line({ program, user }: Start, prompt: string, tools: string, connection: readonly string[]): string[] {
  return [
    ...[program, "-p", prompt, "--output-format", "json", "--debug-file", debugFile(user), ...connection],
    ...["--permission-mode", "acceptEdits", "--allowedTools", "Bash", "Edit", "Write", "Read", tools],
  ];
}
