import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { parse as parseToml } from "smol-toml";
import { describe, expect, test } from "vitest";
import { cleanEnvironment } from "../support/command.ts";
import { runCommandHere } from "../support/command-here.ts";
import { temporaryFolder } from "../support/places.ts";
import { checkout } from "../support/server-process.ts";

// What init has written is read, filled in and started as each client does by its documentation.

interface Server {
  readonly command: string;
  readonly args: readonly string[];
}

interface Handler {
  readonly command: string;
  readonly timeout: number;
}

type Variables = Readonly<Record<string, string | undefined>>;

interface ClientRules {
  readonly file: string;
  readonly list: string;
  /** What the client puts in the place of variables in arguments. */
  fill(word: string, project: string): string;
  /** Where it starts the server, and what it adds to its surroundings. */
  surroundings(project: string): { cwd: string; env: Variables };
  readonly hooks?: { readonly file: string; readonly perSecond: number };
}

const { HOME, PATH } = process.env;

/** `$NAME`, `${NAME}` and `${NAME:-default}`; what nobody has set stays as it is. */
function withEnvironment(word: string, env: Variables): string {
  return word.replaceAll(
    /\$(?:(\w+)|\{(\w+)(?::-([^}]*))?\})/g,
    (match, bare: string | undefined, braced: string | undefined, fallback: string | undefined) =>
      env[bare ?? braced ?? ""] ?? fallback ?? match,
  );
}

const inProject = (project: string) => ({ cwd: project, env: cleanEnvironment() });
const elsewhere = () => ({ cwd: temporaryFolder(), env: cleanEnvironment() });
const withFolder = (word: string, project: string) => word.replaceAll("$" + "{workspaceFolder}", project);

const rules: Record<string, ClientRules> = {
  "claude-code": {
    file: ".mcp.json",
    list: "mcpServers",
    fill: (word) => withEnvironment(word, {}),
    surroundings: (project) => ({ cwd: project, env: { ...cleanEnvironment(), CLAUDE_PROJECT_DIR: project } }),
    hooks: { file: ".claude/settings.json", perSecond: 1 },
  },
  cursor: { file: ".cursor/mcp.json", list: "mcpServers", fill: withFolder, surroundings: elsewhere },
  vscode: { file: ".vscode/mcp.json", list: "servers", fill: withFolder, surroundings: elsewhere },
  codex: {
    file: ".codex/config.toml",
    list: "mcp_servers",
    fill: (word) => word,
    surroundings: (project) => ({ cwd: project, env: { HOME, PATH } }),
    hooks: { file: ".codex/hooks.json", perSecond: 1 },
  },
  gemini: {
    file: ".gemini/settings.json",
    list: "mcpServers",
    fill: (word) => withEnvironment(word, { HOME, PATH }),
    surroundings: inProject,
    hooks: { file: ".gemini/settings.json", perSecond: 1000 },
  },
};

/** A project whose path would break in two where somebody forgot the quotes. */
function newProject(): string {
  const project = join(temporaryFolder(), "it's a project");
  mkdirSync(project);
  return project;
}

function readConfiguration(project: string, file: string) {
  const text = readFileSync(join(project, file), "utf8");
  return file.endsWith(".toml") ? JSON.parse(JSON.stringify(parseToml(text))) : JSON.parse(text);
}

async function recordThroughServer(client: string, project: string): Promise<void> {
  const rule = rules[client];
  if (rule === undefined) throw new Error(client);
  const server: Server = readConfiguration(project, rule.file)[rule.list]["kaizen-metrics"];
  const { cwd, env } = rule.surroundings(project);
  const transport = new StdioClientTransport({
    command: server.command,
    args: server.args.map((word) => rule.fill(word, project)),
    cwd,
    env: Object.fromEntries(Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]))),
    stderr: "ignore",
  });
  const connection = new Client({ name: client, version: "1" });
  await connection.connect(transport);
  const { tools } = await connection.listTools();
  expect(tools.map(({ name }) => name)).toContain("record_execution");
  const run = { agent: "code-reviewer", success: true, notes: "looked twice" };
  expect(await connection.callTool({ name: "record_execution", arguments: run })).not.toHaveProperty("isError");
  await connection.close();
  expect(existsSync(join(project, ".kaizen/metrics/code-reviewer/executions.jsonl"))).toBe(true);
}

async function answerOfHook(client: string, project: string, event: string): Promise<string> {
  const { hooks, surroundings } = rules[client] ?? {};
  if (hooks === undefined || surroundings === undefined) throw new Error(client);
  const [group] = readConfiguration(project, hooks.file).hooks[event];
  const handler: Handler = group.hooks[0];
  expect(handler.timeout / hooks.perSecond).toBeLessThanOrEqual(10);
  const { cwd, env } = surroundings(project);
  const child = spawn("/bin/sh", ["-c", handler.command], { cwd, env: { ...env } });
  const payload = {
    session_id: "0d5f",
    transcript_path: null,
    cwd: project,
    hook_event_name: event,
    ...(event === "SessionStart" ? { source: "startup" } : { agent_id: "a1b2", agent_type: "code-reviewer" }),
  };
  child.stdin.end(JSON.stringify(payload));
  let answer = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    answer += text;
  });
  const status = await new Promise((resolve) => child.on("close", resolve));
  expect(status).toBe(0);
  const { hookSpecificOutput } = JSON.parse(answer);
  expect(hookSpecificOutput.hookEventName).toBe(event);
  return hookSpecificOutput.additionalContext;
}

describe.each(["claude-code", "codex"])("what init writes for %s", (client) => {
  test("starts a server that records in the project, and hooks that know of it", async () => {
    const project = newProject();
    expect((await runCommandHere(["init", "--client", client], { root: project })).status).toBe(0);
    await recordThroughServer(client, project);
    expect(await answerOfHook(client, project, "SubagentStart")).toContain("code-reviewer");
  });
});

describe.each(Object.keys(rules))("what init writes for %s where the project has the package", (client) => {
  test("names nothing of this machine, and works", async () => {
    const project = newProject();
    mkdirSync(join(project, "node_modules"));
    symlinkSync(checkout, join(project, "node_modules", "kaizen-metrics"));
    const { stdout } = await runCommandHere(["init", "--client", client, "--json"], { root: project });
    const { files } = JSON.parse(stdout);
    for (const { path } of files) {
      const text = readFileSync(join(project, path), "utf8");
      expect(text).not.toContain(project);
      expect(text).not.toContain(checkout.replace(/\/$/, ""));
    }
    await recordThroughServer(client, project);
    if (rules[client]?.hooks === undefined) return;
    const [event, known] =
      client === "gemini" ? ["SessionStart", "1 agent, 1 run"] : ["SubagentStart", "code-reviewer"];
    expect(await answerOfHook(client, project, event)).toContain(known);
  });
});
