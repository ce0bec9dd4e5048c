import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { runCommandHere } from "../support/command-here.ts";
import { logPath, writeForeignLines, writeForeignText } from "../support/foreign-writer.ts";
import { temporaryFolder } from "../support/places.ts";
import { bundle } from "../support/server-process.ts";

test("damage is told with its place, and its remedy; a repair sets it right and keeps every byte", async () => {
  const root = temporaryFolder();
  const timestamp = new Date().toISOString();
  writeForeignLines(root, "reviewer", [{ success: true, timestamp }]);
  expect(await runCommandHere(["doctor"], { root })).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("everything is sound."),
  });
  const { length } = readFileSync(logPath(root, "reviewer"));
  writeForeignText(root, "reviewer", "torn \u001b[31m\n");
  appendFileSync(join(dirname(logPath(root, "reviewer")), "verifications.jsonl"), "<<<<<<< HEAD\n");
  const damaged = await runCommandHere(["doctor"], { root });
  expect(damaged.status).toBe(1);
  expect(damaged.stdout.split("\n").slice(0, 7)).toEqual([
    "Damage",
    "  .kaizen/metrics/reviewer/executions.jsonl",
    `    line 2, byte ${length}: it is not JSON (torn, or damaged) (set aside)`,
    "      --repair moves the line to executions.quarantine",
    "  .kaizen/metrics/reviewer/verifications.jsonl",
    "    line 1, byte 0: it is not a verification (set aside)",
    "      --repair moves the line to verifications.quarantine",
  ]);
  expect(damaged.stdout).toContain("2 files damaged. kaizen-metrics doctor --repair repairs what it can");

  const repaired = await runCommandHere(["doctor", "--repair", "--json"], { root });
  expect(repaired).toMatchObject({ status: 0, stderr: expect.not.stringContaining("Error") });
  expect(JSON.parse(repaired.stdout)).toMatchObject({
    sound: true,
    repaired: [
      { agent: "reviewer", file: ".kaizen/metrics/reviewer/executions.jsonl", line: 2, offset: length, lost: true },
      { file: ".kaizen/metrics/reviewer/verifications.jsonl", line: 1, offset: 0, lost: true },
    ],
    findings: [{ kind: "remark" }, { kind: "remark" }],
    failures: [],
  });
  expect(readFileSync(join(dirname(logPath(root, "reviewer")), "executions.quarantine"), "utf8")).toBe(
    "torn \u001b[31m\n",
  );
  const again = await runCommandHere(["doctor"], { root });
  expect(again).toMatchObject({ status: 0, stderr: "" });
  expect(again.stdout).toMatch(/: everything is sound\.\n$/);
});

test("a project without a store is sound, and gets none", async () => {
  const root = temporaryFolder();
  const { status, stdout } = await runCommandHere(["doctor"], { root });
  expect([status, stdout]).toEqual([
    0,
    "Evidence: transcripts on, git on.\n\nLooked at 0 files of 0 agents, 0 bytes: everything is sound.\n",
  ]);
  expect(existsSync(join(root, ".kaizen"))).toBe(false);
});

test("a run that another program has appended is no damage, nor is the summary that does not know it yet", async () => {
  const root = temporaryFolder();
  await runCommandHere(["record", "reviewer", "--success"], { root });
  writeForeignLines(root, "reviewer", [{ success: true, timestamp: new Date().toISOString() }]);
  const looked = await runCommandHere(["doctor"], { root });
  expect(looked).toMatchObject({ status: 0, stderr: "" });
  expect(looked.stdout).not.toContain("Damage");
  expect(looked.stdout).toContain("    it counts 1 run, and the log has 2 that have not expired\n");
  const repaired = await runCommandHere(["doctor", "--repair", "--json"], { root });
  expect(JSON.parse(repaired.stdout)).toMatchObject({ sound: true, findings: [] });
});

test("a hook of ours that does nothing on this machine is told, with its file, and is no damage", async () => {
  const root = temporaryFolder();
  const other = join(temporaryFolder(), "kaizen-metrics", "dist", "main.js");
  mkdirSync(dirname(other), { recursive: true });
  writeFileSync(other, "");
  const line = (command: string, name: string, more = {}) => ({ command: `${command} hook ${name}`, ...more });
  const old = { type: "command", command: "node", args: [bundle, "hook", "session-start"] };
  const settings = {
    SessionStart: [{ hooks: [old] }],
    SubagentStart: [{ hooks: [line("node /gone/dist/main.js", "subagent-start"), { command: "echo of another" }] }],
    SubagentStop: [{ hooks: [line("node /gone/dist/main.js", "subagent-stop")] }],
  };
  const ofCopilot = {
    sessionStart: [{ bash: `node ${other} hook session-start`, powershell: `node ${other} hook session-start` }],
    subagentStart: [line(`A=\u001b[31m node ${other}`, "subagent-start")],
    subagentStop: [{ bash: `node ${bundle} hook subagent-stop` }],
  };
  for (const [file, hooks] of Object.entries({
    ".claude/settings.json": settings,
    ".github/hooks/kaizen-metrics.json": ofCopilot,
  })) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), JSON.stringify({ hooks }));
  }
  const { status, stdout } = await runCommandHere(["doctor"], { root });
  expect(status).toBe(0);
  expect(stdout.split("\n").slice(0, 8)).toEqual([
    "Hook SessionStart in .claude/settings.json: has arguments beside its command, which Copilot CLI and VS Code leave out.",
    "  kaizen-metrics init --client claude-code",
    "Hooks SubagentStart, SubagentStop in .claude/settings.json: starts /gone/dist/main.js, which is not there.",
    "  kaizen-metrics init --client claude-code",
    `Hook sessionStart in .github/hooks/kaizen-metrics.json: starts another copy than this one: ${other}.`,
    "  kaizen-metrics init --client copilot",
    expect.stringMatching(
      /^Hook subagentStart in \.github\/hooks\/kaizen-metrics\.json: not known as ours: A=\P{C}*\.$/u,
    ),
    "  kaizen-metrics init --client copilot --force",
  ]);
  const { hooks } = JSON.parse((await runCommandHere(["doctor", "--json"], { root })).stdout);
  expect(hooks.map(({ kind }: { kind: string }) => kind)).toEqual([
    "arguments",
    "no_program",
    "other_program",
    "unknown",
  ]);
  const server = { command: "node", args: [bundle] };
  writeFileSync(join(root, ".mcp.json"), JSON.stringify({ mcpServers: { "kaizen-metrics": server } }));
  const { to_mend } = JSON.parse((await runCommandHere(["status", "--json"], { root })).stdout);
  expect(JSON.stringify(to_mend)).toContain("/gone/dist/main.js, which is not there");
});
