import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ABOUT_AGENT, AGENT, type AgentClient, linesWith } from "./client.ts";

export const copilot: AgentClient = {
  name: "copilot",
  title: "Copilot CLI",
  packages: { "@github/copilot": "1.0.102" },
  program: "@github/copilot/npm-loader.js",
  initAs: ["copilot"],
  hooks: { session: true, subagents: true, failures: false },
  prepare(user) {
    const head = ["---", `name: ${AGENT}`, `description: ${ABOUT_AGENT}`, "---", "Review."];
    user.write(`.github/agents/${AGENT}.agent.md`, `${head.join("\n")}\n`);
  },
  line: ({ node, program }, prompt) => [node, program, "-p", prompt, "--allow-all-tools", "--log-level", "all"],
  env: ({ user }, modelUrl) => ({
    COPILOT_HOME: `${user.home}/.copilot`,
    COPILOT_OFFLINE: "true",
    COPILOT_PROVIDER_BASE_URL: modelUrl,
    COPILOT_PROVIDER_TYPE: "anthropic",
    COPILOT_PROVIDER_API_KEY: "scripted-key",
    COPILOT_MODEL: "claude-sonnet-4.5",
    // Trusts the folder, and so loads its hooks.
    COPILOT_ALLOW_ALL: "true",
    COPILOT_AUTO_UPDATE: "false",
  }),
  delegate: (prompt) => [
    { tool: "task", input: { name: AGENT, description: "a review", prompt, agent_type: AGENT, mode: "sync" } },
  ],
  complaints(user, { stderr }) {
    const folder = join(user.home, ".copilot", "logs");
    const log = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
    return linesWith([...log, stderr].join("\n"), /\[ERROR\]/);
  },
};

/** It reads Claude Code's settings too, whether or not it has files of its own beside them. */
export const copilotElsewhere: readonly AgentClient[] = [
  { ...copilot, name: "copilot-claude", title: "Copilot CLI, Claude Code's files", initAs: ["claude-code"] },
  { ...copilot, name: "copilot-both", title: "Copilot CLI, both", initAs: ["claude-code", "copilot"] },
];
