import { claudeCode, claudeCodePlugin } from "./claude-code.ts";
import type { AgentClient, ToolClient } from "./client.ts";
import { codex } from "./codex.ts";
import { copilot, copilotElsewhere } from "./copilot.ts";
import { gemini } from "./gemini.ts";
import { inspectors } from "./inspector.ts";
import { mcporter } from "./mcporter.ts";
import { opencode } from "./opencode.ts";

export const agentClients: readonly AgentClient[] = [
  claudeCode,
  claudeCodePlugin,
  codex,
  copilot,
  ...copilotElsewhere,
  opencode,
  gemini,
];
export const toolClients: readonly ToolClient[] = [mcporter, ...inspectors];
