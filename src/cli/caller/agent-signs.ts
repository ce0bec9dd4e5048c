import type { Environment } from "../../config.ts";

/**
 * Variables that agents' clients set for the commands that their agents type, as their documentation or sources have them
 * in November 2026. What people set for a client themselves is not among them, such as `CODEX_HOME`; nor is
 * `CURSOR_TRACE_ID`, which every terminal in Cursor has, also a person's.
 *
 * Stands in for @vercel/detect-agent, which takes a terminal in Cursor or on Replit for an agent, and reads files.
 */
const ofShells = [
  "CLAUDECODE",
  ...["CODEX_SANDBOX", "CODEX_SANDBOX_NETWORK_DISABLED", "CODEX_THREAD_ID", "CODEX_CI"],
  "CURSOR_AGENT",
  "GEMINI_CLI",
  "QWEN_CODE",
  "COPILOT_CLI",
  ...["OPENCODE", "OPENCODE_CLIENT"],
  ...["CLINE_ACTIVE", "ROO_ACTIVE", "AUGMENT_AGENT", "ANTIGRAVITY_AGENT", "GOOSE_TERMINAL", "PI_CODING_AGENT"],
] as const;

/** What a client's own process may have as well, and so everything that it starts: its hooks too. */
const ofClients = ["CLAUDE_CODE_ENTRYPOINT", "AI_AGENT", "AGENT"] as const;

const CURSOR_ROLE = "CURSOR_EXTENSION_HOST_ROLE";

/** All of them, for tests, which an agent may run. */
export const agentVariables: readonly string[] = [...ofShells, ...ofClients, CURSOR_ROLE];

/** The variable that tells an agent's shell; `undefined` if there is none. */
export function agentVariable(environment: Environment): string | undefined {
  return shellVariable(environment) ?? ofClients.find((name) => isSet(environment[name]));
}

/** The variable that tells an agent's shell. */
function shellVariable(environment: Environment): string | undefined {
  if (environment[CURSOR_ROLE] === "agent-exec") return CURSOR_ROLE;
  const ofCopilot = Object.keys(environment).find((name) => name.startsWith("COPILOT_AGENT_"));
  return ofShells.find((name) => isSet(environment[name])) ?? ofCopilot;
}

/**
 * The variable that tells an agent's shell from a hook of its client. Claude Code 2.1.332 sets CLAUDECODE for its hooks
 * too, and says in AI_AGENT which of the two it started: a name with `_harness`, or with `_agent` (both seen).
 */
export function shellNotHook(environment: Environment): string | undefined {
  const isOfHarness = /_harness$/.test(environment.AI_AGENT ?? "");
  return shellVariable(isOfHarness ? { ...environment, CLAUDECODE: undefined } : environment);
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && !["", "0", "false"].includes(value);
}

/** A process above this one. */
export interface Ancestor {
  /** What the system calls it: the name of its program, or one that it gave itself. */
  readonly name: string;
  /** The words that it was started with. */
  readonly words: readonly string[];
}

const programs: ReadonlySet<string> = new Set([
  ...["claude", "codex", "gemini", "copilot", "opencode", "cursor-agent", "qwen", "crush", "amp", "goose", "aider"],
]);

/** Packages whose program is a script that node or the like runs. */
const packages =
  /[\\/](?:@anthropic-ai[\\/]claude-code|@openai[\\/]codex|@google[\\/]gemini-cli|@github[\\/]copilot|opencode-ai)[\\/]/;

/** The name of the agent's client that a process is; `undefined` for any other program. */
export function clientNamed({ name, words }: Ancestor): string | undefined {
  const [command = "", script = ""] = words;
  const named = [name, fileName(command), ...(isRuntime(command) ? [fileName(script)] : [])];
  return (
    named.find((one) => programs.has(one)) ??
    [command, script].flatMap((word) => packages.exec(word)?.[0].split(/[\\/]/).at(-2) ?? []).at(0)
  );
}

function fileName(path: string): string {
  return (path.split(/[\\/]/).at(-1) ?? "").replace(/\.(?:exe|cmd|[cm]?js)$/, "");
}

function isRuntime(command: string): boolean {
  return ["node", "bun", "deno", "python", "python3", "sh", "bash"].includes(fileName(command));
}
