import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCommandHere } from "../support/command-here.ts";
import { temporaryFolder } from "../support/places.ts";

// Several clients at once, those that show in the project, what they share, and what none of them has.

/** A repository with some files, and the commands of a person who has another home. */
function repository(files: Readonly<Record<string, string>> = {}) {
  const root = temporaryFolder();
  const home = temporaryFolder();
  mkdirSync(join(root, ".git"));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  const run = (...args: readonly string[]) => runCommandHere(args, { root, env: { HOME: home } });
  return { root, home, run, init: (...args: readonly string[]) => run("init", ...args) };
}

function contentOf(root: string): Record<string, string> {
  const entries = readdirSync(root, { recursive: true, encoding: "utf8", withFileTypes: true });
  const paths = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [path.slice(root.length + 1), readFileSync(path, "utf8")]));
}

const three = {
  ".claude/settings.json": '{\n\t"model": "opus", // mine\n}',
  ".github/workflows/ci.yml": "on: push\n",
  ".cursor/hooks.json": '{"version": 1, "hooks": {"stop": [{"command": "./stop.sh"}]}}\r\n',
  ".gitignore": "node_modules",
};

describe("init without a name", () => {
  test("connects the clients whose folders are there, says why, and takes all of it out again to the byte", async () => {
    const { init, root, run } = repository(three);
    const dry = await init("--dry-run");
    expect(contentOf(root)).toEqual(three);
    const first = await init();
    expect(first).toMatchObject({ status: 0, stderr: "" });
    expect(first.stdout).toMatch(/^Claude Code, Cursor and GitHub Copilot in /);
    expect(first.stdout).toContain("Found in the project: claude-code (.claude), cursor (.cursor), copilot (.github).");
    expect(first.stdout.replaceAll(/\s+/g, " ")).toContain(
      "GitHub Copilot is among them for its folder .github only. To leave it out: --client claude-code,cursor.",
    );
    expect(first.stdout).toContain("Cursor: In Cursor's settings");
    for (const file of [
      ".claude/settings.json",
      ".cursor/hooks.json",
      ".github/hooks/kaizen-metrics.json",
      ".mcp.json",
    ])
      expect(dry.stdout).toContain(`+++ b/${file}\n`);
    const after = contentOf(root);
    expect(JSON.parse(after[".github/hooks/kaizen-metrics.json"] ?? "")).toMatchObject({
      version: 1,
      hooks: {
        sessionStart: [{ type: "command", bash: expect.stringContaining("hook session-start") }],
        subagentStart: [{ type: "command", powershell: expect.stringContaining("hook subagent-start") }],
        subagentStop: [{ timeoutSec: 10 }],
      },
    });
    const told = JSON.parse((await run("status", "--json")).stdout);
    expect(told).toMatchObject({ clients: ["claude-code", "cursor", "copilot"], hooks: { installed: true } });
    expect((await init()).stdout).toContain("Everything was there already.");
    expect(contentOf(root)).toEqual(after);
    const removed = await init("--remove");
    expect(removed.stdout).toMatch(/^Claude Code, Cursor and GitHub Copilot in /);
    expect(contentOf(root)).toEqual(three);
    expect((await init("--remove")).stdout).toContain("kaizen-metrics is not installed here; nothing changed.");
  });

  test("does nothing for a .github alone, which nearly every repository has, nor for what is in the home folder", async () => {
    const { home, init, root } = repository({ ".github/workflows/ci.yml": "on: push\n" });
    mkdirSync(join(home, ".cursor"));
    const refused = await init();
    expect(refused).toMatchObject({ status: 2, stdout: "" });
    expect(refused.stderr).toContain("Found cursor (~/.cursor), copilot (.github), which is not sign enough.");
    expect(refused.stderr).toContain("init --client cursor");
    expect(Object.keys(contentOf(root))).toEqual([".github/workflows/ci.yml"]);
    writeFileSync(join(root, ".github/copilot-instructions.md"), "");
    expect((await init("--json")).stdout).toContain('"copilot"');
  });

  test.each([[".github/agents/reviewer.md"], [".vscode/settings.json"], [".claude/settings.json"]])(
    "connects by %s the same clients again: what it has written for them shows no other one",
    async (sign) => {
      const { init, root } = repository({ [sign]: "{}" });
      const { clients } = JSON.parse((await init("--json")).stdout);
      const after = contentOf(root);
      expect(JSON.parse((await init("--json")).stdout)).toMatchObject({ clients, changed: false });
      expect(contentOf(root)).toEqual(after);
      await init("--remove");
      expect(contentOf(root)).toEqual({ [sign]: "{}" });
    },
  );

  test.each([
    ["empty", ""],
    ["blank", "\n"],
    ["blank, of Windows,", " \r\n"],
  ])("leaves every file that was %s as it was when it is taken out", async (_, text) => {
    const names = [".mcp.json", ".claude/settings.json", ".cursor/hooks.json", ".codex/config.toml", ".gitignore"];
    const files = Object.fromEntries(names.map((name) => [name, text]));
    const { init, root } = repository(files);
    expect(await init("--agents-md", "--client", "claude-code,cursor,codex,opencode")).toMatchObject({ status: 0 });
    await init("--remove");
    expect(contentOf(root)).toEqual(files);
  });

  test("takes out what can be read, and is not kept from it by a file that has nothing of ours", async () => {
    const { init, root } = repository({ ".zed/settings.json": "{,}" });
    await init("--client", "cursor,kiro");
    expect(await init("--remove")).toMatchObject({ status: 0, stderr: "" });
    expect(contentOf(root)).toEqual({ ".zed/settings.json": "{,}" });
  });
});

describe("several clients", () => {
  test.each([[["--client", "zed,amp"]], [["--client", "amp", "--client", "zed"]]])(
    "by %j are connected all, or none",
    async (flags) => {
      const { init, root } = repository();
      expect(await init(...flags, "--client", "sed")).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('"zed"'),
      });
      expect(contentOf(root)).toEqual({});
      const { clients, next } = JSON.parse((await init(...flags, "--json")).stdout);
      expect([clients, next[0]]).toEqual([["zed", "amp"], expect.stringMatching(/^Zed: /)]);
      expect(Object.keys(contentOf(root)).sort()).toEqual([".amp/settings.json", ".gitignore", ".zed/settings.json"]);
      writeFileSync(join(root, ".amp/settings.json"), "{,}");
      const { status, stderr } = await init(...flags, "--remove");
      expect([status, stderr]).toEqual([
        1,
        expect.stringContaining(".amp/settings.json is left as it is: not valid JSON"),
      ]);
      expect(Object.keys(contentOf(root))).toContain(".zed/settings.json");
    },
  );

  test("leave to each other what they share, which is named, and goes with the last of them", async () => {
    const { init, root } = repository();
    await init("--client", "claude-code,copilot,vscode");
    expect((await init("--client", "claude-code", "--remove")).stdout).toContain(
      'server "kaizen-metrics": stays, for GitHub Copilot',
    );
    expect((await init("--client", "copilot", "--remove")).stdout).toContain(
      "hooks sessionStart, subagentStart, subagentStop: stays, for VS Code",
    );
    expect(Object.keys(contentOf(root)).sort()).toEqual([
      ".github/hooks/kaizen-metrics.json",
      ".gitignore",
      ".vscode/mcp.json",
    ]);
    await init("--client", "vscode", "--remove");
    expect(contentOf(root)).toEqual({});
  });
});

test("a client that keeps its servers outside of projects is told what to paste where, and nothing is written there", async () => {
  const { home, init, root } = repository();
  const told = await init("--client", "cline");
  expect(told).toMatchObject({ status: 0, stderr: "" });
  const text = told.stdout.slice(told.stdout.indexOf("\n{"), told.stdout.indexOf("\n}\n") + 2);
  expect(JSON.parse(text).mcpServers["kaizen-metrics"].args.slice(-2)).toEqual(["--root", root]);
  expect(told.stdout).toContain("cline_mcp_settings.json");
  expect(Object.keys(contentOf(root))).toEqual([".gitignore"]);
  expect(contentOf(home)).toEqual({});
  expect(JSON.parse((await init("--client", "cline", "--json")).stdout).paste).toMatchObject([{ client: "cline" }]);
});

describe("--agents-md", () => {
  test.each([
    ["no file", undefined],
    ["an empty one", ""],
    ["one of Windows", "# Rules\r\n\r\nBe kind.\r\n"],
    ["one whose last line is not ended", "# Rules"],
  ])(
    "puts a block of at most 120 words into %s, only if asked, and takes it out again to the byte",
    async (_, text) => {
      const files: Record<string, string> = text === undefined ? {} : { "AGENTS.md": text };
      const { init, root } = repository(files);
      await init("--client", "zed");
      expect(contentOf(root)["AGENTS.md"]).toBe(text);
      await init("--client", "zed", "--remove");
      expect(await init("--agents-md")).toMatchObject({ status: 0, stderr: "" });
      const written = contentOf(root);
      expect(Object.keys(written)).toEqual(["AGENTS.md"]);
      const block = written["AGENTS.md"]?.slice(text?.length ?? 0) ?? "";
      expect(block).toContain("`get_brief`");
      expect(block.split(/\s+/).length).toBeLessThanOrEqual(120);
      expect((await init("--agents-md")).stdout).toContain("Everything was there already.");
      expect(contentOf(root)).toEqual(written);
      await init("--agents-md", "--remove");
      expect(contentOf(root)).toEqual(files);
      await init("--agents-md", "--client", "zed");
      await init("--remove");
      expect(contentOf(root)).toEqual(files);
    },
  );

  test("leaves what a person has written around it, and a file whose marks are broken", async () => {
    const { init, root } = repository({ "AGENTS.md": "# Rules\n" });
    await init("--agents-md");
    const path = join(root, "AGENTS.md");
    const written = readFileSync(path, "utf8");
    writeFileSync(path, `${written}\n# More\n`);
    await init("--agents-md", "--remove");
    expect(readFileSync(path, "utf8")).toBe("# Rules\n\n# More\n");
    const broken = written.replace(/<!-- kaizen-metrics: end -->\n/, "");
    writeFileSync(path, broken);
    expect(await init("--agents-md")).toMatchObject({ status: 1, stderr: expect.stringContaining("the marks around") });
    expect(readFileSync(path, "utf8")).toBe(broken);
  });
});
