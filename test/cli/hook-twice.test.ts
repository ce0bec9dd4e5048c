import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import * as z from "zod";
import { cleanEnvironment, type Ran } from "../support/command.ts";
import { runCommandHere } from "../support/command-here.ts";
import { checkout } from "../support/server-process.ts";
import { contextIn, HookProject, KEY, silent } from "./hook-project.ts";

// Claude Code runs every hook that it finds for an event, all at the same time: the project's own and the plugin's.

const AGENT = "code-reviewer";
const plugin = join(checkout, "dist", "plugin");

const handlerSchema = z.strictObject({ type: z.literal("command"), command: z.string(), timeout: z.number() });
const hooksSchema = z.object({
  hooks: z.record(z.string(), z.array(z.object({ hooks: z.array(handlerSchema) }))),
});

class TwiceProject extends HookProject {
  readonly settings = join(this.root, ".claude", "settings.json");

  async init(): Promise<void> {
    const { status, stderr } = await runCommandHere(["init", "--client", "claude-code"], { root: this.root });
    if (status !== 0) throw new Error(stderr);
  }

  /** What each place has the client run for an event, run at the same time. */
  runAll(event: string, payload: string): Promise<Ran[]> {
    return Promise.all(
      [this.settings, join(plugin, "hooks", "hooks.json")].map((path) => this.run(path, event, payload)),
    );
  }

  async run(configuration: string, event: string, payload: string): Promise<Ran> {
    const { hooks } = hooksSchema.parse(JSON.parse(readFileSync(configuration, "utf8")));
    const [handler, ...others] = (hooks[event] ?? []).flatMap((group) => group.hooks);
    if (handler === undefined || others.length > 0) throw new Error(`${configuration} has no hook, or several`);
    const line = `${handler.command.replace("$" + "{CLAUDE_PLUGIN_ROOT}", plugin)} --limit 30000`;
    const env = cleanEnvironment({ CLAUDE_PROJECT_DIR: this.root });
    const child = spawn("/bin/sh", ["-c", line], { cwd: this.root, env });
    onTestFinished(() => void child.kill("SIGKILL"));
    const ran = { stdout: "", stderr: "" };
    child.stdout.on("data", (text) => (ran.stdout += String(text)));
    child.stderr.on("data", (text) => (ran.stderr += String(text)));
    child.stdin.end(payload);
    const [status] = await once(child, "close");
    return { ...ran, status };
  }
}

test("with the plugin and init in one project, an agent reads its brief once, and its run is noted and recorded once", async () => {
  const project = new TwiceProject({ takesPart: false });
  await project.init();
  const [own, ...others] = await project.runAll("SubagentStart", project.payload("subagent-start"));
  expect(own?.stdout).toContain(KEY);
  expect(others).toEqual([{ status: 0, stdout: "", stderr: "" }]);
  project.transcript("api-error");
  for (const ran of await project.runAll("SubagentStop", project.payload("subagent-stop"))) silent(ran);
  for (const ran of await project.runAll("StopFailure", project.payload("stop-failure"))) silent(ran);
  expect(await project.runs()).toMatchObject([{ agent: AGENT, success: false, idempotency_key: KEY }]);
  expect(await project.coverage()).toEqual({ started: 1, ended: 1, reported: 1, verified: 0 });
});

test.each([
  ["no hook of ours", (text: string) => text.replaceAll("subagent-start", "another-start")],
  ["one that starts nothing here", (text: string) => text.replace(/\S*main\.js/, "/gone/kaizen-metrics/dist/main.js")],
  [
    "one that names a place from the project, where nothing is",
    (text: string) => text.replace(/\S*main\.js/, "kaizen-metrics/dist/main.js"),
  ],
  [
    "a line for a shell with a program that is nowhere",
    (text: string) => text.replace(/"command": "node [^"]*"/, '"command": "./gone/kaizen-metrics hook subagent-start"'),
  ],
  [
    "the name of a program that no folder of PATH has",
    (text: string) => text.replace(/"command": "node [^"]*"/, '"command": "kaizen-metrics hook subagent-start"'),
  ],
  ["one for some agents", (text: string) => text.replace(/("SubagentStart": \[\s*\{)/, '$1 "matcher": "Explore",')],
])("the plugin answers where the project's settings have %s", async (_, change) => {
  const project = new TwiceProject();
  await project.init();
  const before = readFileSync(project.settings, "utf8");
  const { hooks, ...others } = JSON.parse(before);
  const { SubagentStart, ...later } = hooks;
  // First in the file, so that what is changed is this one.
  const text = change(JSON.stringify({ ...others, hooks: { SubagentStart, ...later } }, null, 2));
  expect(text).not.toBe(before);
  writeFileSync(project.settings, text);
  const ran = await project.run(
    join(plugin, "hooks", "hooks.json"),
    "SubagentStart",
    project.payload("subagent-start"),
  );
  expect(contextIn(ran, "SubagentStart")).toContain(KEY);
});

test("the same hook twice, which nobody can tell apart, notes and records a run once", async () => {
  const project = new TwiceProject();
  await project.init();
  project.transcript("api-error");
  for (const [event, payload] of [
    ["SubagentStart", "subagent-start"],
    ["SubagentStop", "subagent-stop"],
  ] as const) {
    const twice = [1, 2].map(() => project.run(project.settings, event, project.payload(payload)));
    for (const { status, stderr } of await Promise.all(twice))
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  }
  expect(await project.runs()).toHaveLength(1);
  expect(await project.coverage()).toEqual({ started: 1, ended: 1, reported: 1, verified: 0 });
});
