import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { temporaryFolder } from "../support/places.ts";
import { checkout, ServerProcess, type StartOptions } from "../support/server-process.ts";

const plugin = join(checkout, "dist", "plugin");

interface Command {
  readonly command: string;
  readonly args: readonly string[];
}

/** Claude Code copies the plugin's folder, and nothing beside it, to a place below the home folder. */
function installedPlugin(): string {
  const home = temporaryFolder();
  // As `npm init` writes it: without a word of its own, the plugin's program would be no module here.
  writeFileSync(join(home, "package.json"), '{ "type": "commonjs" }');
  const folder = join(home, "plugins cache", "kaizen-metrics", manifest.version);
  cpSync(plugin, folder, { recursive: true });
  return folder;
}

function readJson(...path: readonly string[]) {
  return JSON.parse(readFileSync(join(...path), "utf8"));
}

/** By a shell, which finds the folder in the environment: some clients put it in before, and some do not. */
function hookCommand({ command }: Pick<Command, "command">): Command {
  return { command: "/bin/sh", args: ["-c", command] };
}

/** Starts a command of the plugin as Claude Code does: its folder put in, the project in the environment. */
function start(folder: string, { command, args }: Command, project: string): ServerProcess {
  const options: StartOptions = {
    command,
    args: args.map((word) => word.replaceAll("$" + "{CLAUDE_PLUGIN_ROOT}", folder)),
    cwd: temporaryFolder(),
    env: { CLAUDE_PROJECT_DIR: project, CLAUDE_PLUGIN_ROOT: folder },
  };
  return new ServerProcess(options);
}

test("the server that the plugin names records a run in the project", async () => {
  const folder = installedPlugin();
  const project = temporaryFolder();
  const server = start(folder, readJson(folder, ".mcp.json").mcpServers["kaizen-metrics"], project);
  await server.initialize();
  expect(await server.callTool("record_execution", { agent: "packer", success: true })).not.toHaveProperty("isError");
  expect(existsSync(join(project, ".kaizen", "metrics", "packer", "executions.jsonl"))).toBe(true);
});

test.each(["SessionStart", "SubagentStart", "SubagentStop", "StopFailure"])(
  "the hook that the plugin names for %s answers, and stops nobody",
  async (event) => {
    const folder = installedPlugin();
    const project = temporaryFolder();
    const [group] = readJson(folder, "hooks", "hooks.json").hooks[event];
    const hook = start(folder, hookCommand(group.hooks[0]), project);
    const common = { session_id: "s1", transcript_path: join(project, "none.jsonl"), cwd: project };
    const about = { hook_event_name: event, source: "startup", agent_id: "a1", agent_type: "packer" };
    hook.child.stdin.end(JSON.stringify({ ...common, ...about }));
    expect(await hook.exited).toBe(0);
    expect(hook.stderr).toBe("");
  },
);

test("the plugin is a marketplace of itself, in the version of the package", () => {
  const described = readJson(plugin, ".claude-plugin", "plugin.json");
  expect(described).toMatchObject({ name: manifest.name, version: manifest.version });
  expect(readJson(plugin, ".claude-plugin", "marketplace.json").plugins).toMatchObject([
    { name: described.name, source: "./" },
  ]);
});
