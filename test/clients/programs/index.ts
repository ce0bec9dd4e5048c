import { claudeCode, claudeCodePlugin } from "./claude-code.ts";
import type { AgentClient, ToolClient } from "./client.ts";
import { codex } from "./codex.ts";
import { copilot, copilotElsewhere } from "./copilot.ts";
import { gemini } from "./gemini.ts";
import { inspectors } from "./inspector.ts";
import { mcporter } from "./mcporter.ts";
import { opencode } from "./opencode.ts";

/** The same, with our program as a package of the project. */
const local = (client: AgentClient): AgentClient => ({
  ...client,
  name: `${client.name}-local`,
  title: `${client.title}, node_modules`,
  isLocal: true,
});

/** The same, if the model's server does not answer the agent. */
const refused = (client: AgentClient): AgentClient => ({
  ...client,
  name: `${client.name}-refused`,
  title: `${client.title}, refused`,
  isRefused: true,
});

export const agentClients: readonly AgentClient[] = [
  ...[claudeCode, local(claudeCode), claudeCodePlugin, refused(claudeCode)],
  ...[codex, local(codex), refused(codex)],
  ...[copilot, ...copilotElsewhere, local({ ...copilot, initAs: ["claude-code", "copilot"] }), refused(copilot)],
  ...[opencode, local(opencode), refused(opencode)],
  gemini,
];
export const toolClients: readonly ToolClient[] = [mcporter, ...inspectors];
