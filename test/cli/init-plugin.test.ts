import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { expect, test } from "vitest";
import * as z from "zod";
import manifest from "../../package.json" with { type: "json" };
import { tools } from "../../src/mcp/tools/index.ts";
import { pluginFiles, programInPlugin } from "../../src/plugin/plugin-files.ts";
import { cleanEnvironment } from "../support/command.ts";
import { runCommandHere } from "../support/command-here.ts";
import { temporaryFolder } from "../support/places.ts";
import { copyProgram } from "../support/program-copy.ts";
import { bundle } from "../support/server-process.ts";

const files = pluginFiles(manifest);

function file(path: string): string {
  const text = files.get(path);
  if (text === undefined) throw new Error(`the plugin has no ${path}`);
  return text;
}

/** code.claude.com/docs/en/plugins-reference, as far as the plugin uses it; what is unknown there is a mistake here. */
const pluginSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/),
  displayName: z.string(),
  version: z.string().regex(/^\d+\.\d+\.\d+/),
  description: z.string(),
  author: z.strictObject({ name: z.string() }),
  license: z.string(),
  keywords: z.array(z.string()),
});

const serversSchema = z.strictObject({
  mcpServers: z.record(z.string(), z.strictObject({ command: z.string(), args: z.array(z.string()) })),
});

/** json.schemastore.org/claude-code-settings.json: hookMatcher and hookCommand. */
const handlerSchema = z.strictObject({
  type: z.literal("command"),
  // Without arguments beside it: Copilot CLI and VS Code leave those out.
  command: z.string().startsWith("node "),
  timeout: z.number().positive().max(60),
});
const groupsSchema = z.array(z.strictObject({ matcher: z.string().optional(), hooks: z.array(handlerSchema) }));
const hooksSchema = z.strictObject({
  description: z.string(),
  hooks: z.strictObject({
    SessionStart: groupsSchema,
    SubagentStart: groupsSchema,
    SubagentStop: groupsSchema,
    StopFailure: groupsSchema,
    Stop: groupsSchema,
    UserPromptExpansion: groupsSchema,
  }),
});

test("the plugin's files have the documented forms", () => {
  expect([...files.keys()].sort()).toEqual([
    ".claude-plugin/plugin.json",
    ".mcp.json",
    "commands/bad.md",
    "commands/good.md",
    "hooks/hooks.json",
    "package.json",
    "skills/kaizen-loop/SKILL.md",
  ]);
  expect(pluginSchema.parse(JSON.parse(file(".claude-plugin/plugin.json"))).version).toBe(manifest.version);
  serversSchema.parse(JSON.parse(file(".mcp.json")));
  hooksSchema.parse(JSON.parse(file("hooks/hooks.json")));
});

test("the plugin and init write the same hooks, but for the place of the program", async () => {
  const project = temporaryFolder();
  await runCommandHere(["init", "--client", "claude-code"], { root: project });
  const written = readFileSync(join(project, ".claude/settings.json"), "utf8");
  const { hooks } = JSON.parse(file("hooks/hooks.json"));
  const place = JSON.stringify(`"$\{CLAUDE_PLUGIN_ROOT}/${programInPlugin}"`).slice(1, -1);
  expect(JSON.parse(written.replaceAll(bundle, place)).hooks).toEqual(hooks);
});

test("the skill says when it is to be used, and teaches the loop with tools that there are", () => {
  const [, front = "", body = ""] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(file("skills/kaizen-loop/SKILL.md")) ?? [];
  const fields = Object.fromEntries(front.split("\n").map((line) => line.split(/: (.*)/).slice(0, 2)));
  expect(fields.name).toBe("kaizen-loop");
  // What is longer is cut in the listing; a colon and a space would end the value in YAML.
  expect(fields.description.length).toBeLessThan(1024);
  expect(fields.description).not.toMatch(/: | #/);
  const names = tools.map(({ name }) => name);
  const named = [...body.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map((match) => match[1] ?? "");
  const known = [...names, "error_type", "quality_score", "idempotency_key", "verified_by"];
  expect(named.filter((name) => !known.includes(name))).toEqual([]);
  const loop = [
    "get_brief",
    "record_execution",
    "verify_execution",
    "write_optimizer_analysis",
    "update_recommendation",
  ];
  expect(loop.map((name) => named.indexOf(name))).toEqual(
    loop.map((name) => named.indexOf(name)).toSorted((a, b) => a - b),
  );
  expect(loop.filter((name) => !named.includes(name))).toEqual([]);
});

test("an installed plugin starts a server and hooks for the project that is open", async () => {
  const [plugin, project] = [temporaryFolder(), temporaryFolder()];
  for (const [path, text] of files) {
    mkdirSync(dirname(join(plugin, path)), { recursive: true });
    writeFileSync(join(plugin, path), text);
  }
  copyProgram(dirname(join(plugin, programInPlugin)));
  const fill = (word: string) => word.replaceAll("$" + "{CLAUDE_PLUGIN_ROOT}", plugin);
  const env = Object.fromEntries(
    Object.entries({ ...cleanEnvironment(), CLAUDE_PROJECT_DIR: project }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );

  const [server] = Object.values(serversSchema.parse(JSON.parse(file(".mcp.json"))).mcpServers);
  const transport = new StdioClientTransport({
    command: server?.command ?? "",
    args: (server?.args ?? []).map(fill),
    cwd: project,
    env,
    stderr: "ignore",
  });
  const client = new Client({ name: "claude-code", version: "1" });
  await client.connect(transport);
  await client.callTool({ name: "record_execution", arguments: { agent: "planner", success: true } });
  await client.close();

  const [group] = hooksSchema.parse(JSON.parse(file("hooks/hooks.json"))).hooks.SubagentStart;
  const line = fill(group?.hooks[0]?.command ?? "");
  const running = promisify(execFile)("/bin/sh", ["-c", line], { cwd: project, env });
  const payload = { hook_event_name: "SubagentStart", cwd: project, agent_id: "a1", agent_type: "planner" };
  running.child.stdin?.end(JSON.stringify(payload));
  const { hookSpecificOutput } = JSON.parse((await running).stdout);
  expect(hookSpecificOutput.additionalContext).toContain("planner");
});
