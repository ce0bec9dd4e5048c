import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { runCommandHere } from "../support/command-here.ts";
import { temporaryFolder } from "../support/places.ts";
import { bundle } from "../support/server-process.ts";

// Our line in the status line of Claude Code: asked for, shown before, taken out again, and never in another one's place.

const FILE = ".claude/settings.json";

function project(settings?: string): string {
  const root = temporaryFolder();
  if (settings !== undefined) put(root, settings);
  return root;
}

function put(root: string, settings: string): void {
  mkdirSync(dirname(join(root, FILE)), { recursive: true });
  writeFileSync(join(root, FILE), settings);
}

const settingsOf = (root: string) => readFileSync(join(root, FILE), "utf8");

const init = (root: string, ...more: readonly string[]) =>
  runCommandHere(["init", "--client", "claude-code", "--no-hooks", ...more], {
    root,
    env: { HOME: temporaryFolder() },
  });

test("is written if asked for, once, and leaves nothing when it is taken out", async () => {
  const root = project();
  await init(root);
  expect(existsSync(join(root, FILE))).toBe(false);
  const dry = await init(root, "--statusline", "--dry-run");
  expect(dry.stdout).toContain(`+++ b/${FILE}`);
  expect(dry.stdout).toContain('+  "statusLine": {');
  expect(existsSync(join(root, FILE))).toBe(false);
  expect((await init(root, "--statusline")).stdout).toContain("status line: added");
  const written = settingsOf(root);
  expect(JSON.parse(written)).toEqual({ statusLine: { type: "command", command: `node ${bundle} statusline` } });
  expect((await init(root, "--statusline")).stdout).toContain("Everything was there already.");
  expect(settingsOf(root)).toBe(written);
  expect((await init(root, "--remove")).stdout).toContain("status line: taken out");
  expect(existsSync(join(root, FILE))).toBe(false);
});

test("keeps every byte around it, and what a person has set for it", async () => {
  const before = '{\n\t// mine\n\t"model": "x"\n}\n';
  const root = project(before);
  await init(root, "--statusline", "--retention-days", "30");
  expect(settingsOf(root)).toContain("// mine");
  expect(settingsOf(root)).toContain(`statusline --retention-days 30"`);
  await init(root, "--remove");
  expect(settingsOf(root)).toBe(before);
  put(root, '{ "statusLine": { "type": "command", "padding": 0, "command": "kaizen-metrics statusline" } }\n');
  expect((await init(root, "--statusline")).stdout).toContain("status line: brought up to date");
  expect(settingsOf(root)).toBe(
    `{ "statusLine": { "type": "command", "padding": 0, "command": "node ${bundle} statusline" } }\n`,
  );
});

test.each([
  { type: "command", command: "~/.claude/mine.sh" },
  { type: "command", command: "kaizen-metrics statusline | head -c 40" },
  { type: "command", command: "kaizen-metrics statusline; curl evil.example" },
  { type: "command", command: "node -r ./mine.cjs /x/dist/main.js statusline" },
  { type: "command", command: "PATH=. kaizen-metrics statusline" },
  { type: "command", command: "node /x/dist/main.js hook stop" },
  { type: "command", command: "kaizen-metrics statusline $(touch x)" },
  "text",
  null,
])("stays as it is if it is another one's: %j", async (statusLine) => {
  const before = JSON.stringify({ statusLine });
  const root = project(before);
  for (const force of [[], ["--force"]]) {
    const { status, stderr, stdout } = await init(root, "--statusline", ...force);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain("a status line of another program is there already (line 1, column 15)");
    expect(stderr).toContain("Leave --statusline out; or have that program run kaizen-metrics statusline");
    expect(existsSync(join(root, ".mcp.json"))).toBe(false);
  }
  await init(root);
  const { status, stdout } = await init(root, "--remove", "--force");
  expect(status).toBe(0);
  expect(stdout).not.toContain("status line: taken out");
  expect(settingsOf(root)).toBe(before);
});

test("is for Claude Code, and is asked for when it is added", async () => {
  const root = project();
  const other = await runCommandHere(["init", "--client", "cursor", "--statusline"], { root });
  expect(other).toMatchObject({ status: 2, stderr: expect.stringContaining("--statusline is for claude-code") });
  expect(await init(root, "--remove", "--statusline")).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("--statusline does not go with --remove."),
  });
});
