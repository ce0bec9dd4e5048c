import { isJsonObject, type JsonObject } from "../../../domain/text/json.ts";

/**
 * The client that has sent a payload. Several read the same files, so that neither the file nor the line of a hook says
 * who runs it.
 */
export type PayloadClient =
  | "claude-code"
  | "codex"
  | "copilot"
  | "cursor"
  | "gemini"
  | "opencode"
  | "vscode"
  /** One that is not known, or a person who tries a hook. */
  | "other";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * By what each one alone sends (seen with Claude Code 2.1.332, Codex 0.171.0 and Copilot CLI 1.0.102; for Cursor, VS Code
 * and Gemini CLI by their documentation). Its environment may be inherited from another, and says it only at the end.
 */
export function clientOf(sent: JsonObject, environment: Environment): PayloadClient {
  const has = (name: string) => sent[name] !== undefined;
  // Our own plugin says so.
  if (sent.client === "opencode") return "opencode";
  if (has("cursor_version") || (has("conversation_id") && has("generation_id"))) return "cursor";
  if (isOfCopilot(has, environment)) return "copilot";
  if (has("turn_id") || (has("model") && has("permission_mode"))) return "codex";
  if (environment.GEMINI_PROJECT_DIR !== undefined) return "gemini";
  if (has("hookEventName") || (has("hook_event_name") && has("timestamp"))) return "vscode";
  return environment.CLAUDE_PROJECT_DIR === undefined ? "other" : "claude-code";
}

/**
 * It has a form of its own, and one that is like Claude Code's for a file of Claude Code. Of that, the beginning of a
 * session looks like VS Code's but for the transcript.
 */
function isOfCopilot(has: (name: string) => boolean, environment: Environment): boolean {
  if (has("agentName") || has("agent_name") || has("parentAgentId") || has("parent_agent_id")) return true;
  if (has("sessionId") && !has("hookEventName") && !has("hook_event_name") && !has("permission_mode")) return true;
  return has("timestamp") && !has("transcript_path") && environment.COPILOT_PROJECT_DIR !== undefined;
}

/** What a hook has to say to a conversation. */
export interface Context {
  /** The event in Claude Code's words. */
  readonly event: "SessionStart" | "SubagentStart";
  readonly text: string;
  /** What the client is to show its user, if it can. */
  readonly userLine?: string | undefined;
}

/**
 * The answer that puts a text into a conversation, in the client's form; `undefined` if the client takes none for this
 * event. Never in two forms at once: Codex throws away an answer that has a field it does not know.
 */
export function contextAnswer(client: PayloadClient, sent: JsonObject, context: Context): object | undefined {
  const { event, text, userLine: systemMessage } = context;
  if (client === "copilot") return { additionalContext: text };
  if (client === "cursor") return event === "SessionStart" ? { additional_context: text } : taskWith(text, sent);
  return { systemMessage, hookSpecificOutput: { hookEventName: event, additionalContext: text } };
}

/**
 * Cursor takes no context for a subagent that begins, but a hook may write the task anew before it is given
 * (cursor.com/docs/hooks, preToolUse).
 */
function taskWith(text: string, { tool_input }: JsonObject): object | undefined {
  if (!isJsonObject(tool_input) || typeof tool_input.prompt !== "string") return undefined;
  const prompt = `${text.trimEnd()}\n\n## Task\n\n${tool_input.prompt}`;
  return { permission: "allow", updated_input: { ...tool_input, prompt } };
}
