import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCommandHere } from "../support/command-here.ts";
import { temporaryFolder } from "../support/places.ts";

// Whether agents can report at all: what init finds, says and mends.

const TOOL = "mcp__kaizen-metrics__record_execution";

function project(files: Readonly<Record<string, string>> = {}): string {
  const root = temporaryFolder();
  for (const [file, text] of Object.entries(files)) put(root, file, text);
  return root;
}

function put(root: string, file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

const init = (root: string, ...more: readonly string[]) =>
  runCommandHere(["init", "--client", "claude-code", ...more], { root, env: { HOME: temporaryFolder() } });

const agent = (frontmatter: string) => `---\nname: a\n${frontmatter}\n---\nYou review.\ntools: none of this\n`;

/** The forms in which people write a list of tools, and each with ours. */
const forms = [
  ["tools: Read, Grep", `tools: Read, Grep, ${TOOL}`],
  ["tools: Read,Grep  # few", `tools: Read,Grep,${TOOL}  # few`],
  ['tools: "Read, Grep"', `tools: "Read, Grep, ${TOOL}"`],
  ["tools: Read, Bash(git log:*, git diff:*)", `tools: Read, Bash(git log:*, git diff:*), ${TOOL}`],
  ["tools: []", `tools: [${TOOL}]`],
  ["tools: [Read, Grep,]", `tools: [Read, Grep, ${TOOL},]`],
  ['tools: ["Read","Grep"]', `tools: ["Read","Grep","${TOOL}"]`],
  ["tools: [\n  'Read',\n  'Grep'\n]\nmodel: x", `tools: [\n  'Read',\n  'Grep',\n  '${TOOL}'\n]\nmodel: x`],
  ["tools:\n- Read\n# and\n- Grep # it\nmodel: x", `tools:\n- Read\n# and\n- Grep # it\n- ${TOOL}\nmodel: x`],
  ["tools: # few\n    - Read\n\nmodel: x", `tools: # few\n    - Read\n    - ${TOOL}\n\nmodel: x`],
  ["tools:\r\n  - Read\r\nmodel: x\r", `tools:\r\n  - Read\r\n  - ${TOOL}\r\nmodel: x\r`],
] as const;

describe.each(forms)("an agent with %j", (before, after) => {
  test("is named, gets the tool in its own form, once, and loses it again to the byte", async () => {
    const file = ".claude/agents/team/a.md";
    const root = project({ [file]: agent(before) });
    const named = await init(root);
    expect(named.stdout).toContain("a cannot report: the tools leave out record_execution.");
    expect(named.stdout).toContain("    kaizen-metrics init --client claude-code --allow\n");
    expect(readFileSync(join(root, file), "utf8")).toBe(agent(before));
    for (const _ of ["first", "second"]) {
      expect((await init(root, "--allow")).stdout).not.toContain("cannot report");
      expect(readFileSync(join(root, file), "utf8")).toBe(agent(after));
    }
    await init(root, "--remove");
    expect(readFileSync(join(root, file), "utf8")).toBe(agent(before));
    expect(readdirSync(join(root, ".claude"))).toEqual(["agents"]);
  });
});

test.each([
  "description: x",
  "tools:",
  "tools: *",
  'tools: "*"',
  "tools: Read, mcp__kaizen-metrics",
  "tools: Read, mcp__kaizen-metrics__*",
  `tools: [Read, ${TOOL}, Grep]`,
  "tools: mcp__plugin_kaizen-metrics_kaizen-metrics__record_execution",
  "tools: >-\n  Read, Grep",
])("an agent with %j can report, or is not known not to, and is left as it is", async (frontmatter) => {
  const root = project({ ".claude/agents/a.md": agent(frontmatter) });
  for (const flags of [["--allow"], ["--remove"]]) {
    expect((await init(root, ...flags)).stdout).not.toContain("agents/a.md");
    expect(readFileSync(join(root, ".claude/agents/a.md"), "utf8")).toBe(agent(frontmatter));
  }
});

test("the permission stands at the end of the project's list, is shown first, and goes again", async () => {
  const settings = '{\n  "permissions": {\n    "allow": ["Bash(ls)"],\n    "deny": []\n  }\n}\n';
  const root = project({ ".claude/settings.json": settings });
  const asked = await init(root, "--no-hooks");
  expect(asked.stdout).toContain("Claude Code may ask you about each report");
  const dry = await init(root, "--no-hooks", "--allow", "--dry-run");
  expect(dry.stdout).toContain(`+    "allow": ["Bash(ls)","${TOOL}"],`);
  expect(readFileSync(join(root, ".claude/settings.json"), "utf8")).toBe(settings);
  const json = await init(root, "--no-hooks", "--allow", "--json");
  expect(JSON.parse(json.stdout)).toMatchObject({ to_mend: [] });
  await init(root, "--remove");
  expect(readFileSync(join(root, ".claude/settings.json"), "utf8")).toBe(settings);
});

test("a file that cannot be changed keeps every other as it was", async () => {
  const root = project({ ".claude/agents/a.md": agent("tools: Read"), ".claude/settings.json": "{,}" });
  expect(await init(root, "--allow")).toMatchObject({ status: 1, stdout: "" });
  expect(readFileSync(join(root, ".claude/agents/a.md"), "utf8")).toBe(agent("tools: Read"));
});

test("an agent that lies outside of the project is neither read nor changed", async () => {
  const outside = project({ "a.md": agent("tools: Read"), "agents/b.md": agent("tools: Read") });
  const root = project({ ".claude/agents/c.md": "no frontmatter" });
  symlinkSync(join(outside, "a.md"), join(root, ".claude/agents/a.md"));
  symlinkSync(join(outside, "agents"), join(root, ".claude/agents/b"));
  expect((await init(root, "--allow")).stdout).not.toContain("agents/");
  expect(readFileSync(join(outside, "a.md"), "utf8")).toBe(agent("tools: Read"));
});

test("a server that was declined is said in place of that everything is there", async () => {
  const root = project();
  await init(root, "--allow");
  expect((await init(root)).stdout).toMatch(/\n\nEverything was there already\. kaizen-metrics status .*\n$/);
  put(root, ".claude/settings.local.json", '{ "disabledMcpjsonServers": ["kaizen-metrics"] }');
  const { stdout } = await init(root);
  expect(stdout).not.toContain("Everything was there already.");
  expect(stdout).toContain("Claude Code does not start the server: disabledMcpjsonServers in");
  expect(stdout).toContain("    claude mcp reset-project-choices,");
  expect(stdout).toContain("No file had to change, but it works for no agent.");
  expect(stdout).not.toContain("Next:");
  put(root, ".claude/settings.local.json", "{ not json");
  const broken = await init(root);
  expect(broken.stdout).toContain("it does not work for every agent.");
  expect(broken.stdout).toContain("To mend:\n  - .claude/settings.local.json cannot be read, and may switch");
});

test("what only a person may take back is named, and no flag takes it back", async () => {
  const frontmatter = "disallowedTools: mcp__kaizen-metrics";
  const root = project({
    ".claude/agents/a.md": agent(frontmatter),
    ".claude/settings.json": `{ "permissions": { "deny": ["${TOOL}"] } }`,
  });
  const { stdout } = await init(root, "--allow", "--no-hooks");
  expect(stdout).toContain("a cannot report: disallowedTools has record_execution.");
  expect(stdout).toContain("permissions.deny in .claude/settings.json keeps every agent from reporting.");
  expect(readFileSync(join(root, ".claude/agents/a.md"), "utf8")).toBe(agent(frontmatter));
});

test("agents of VS Code have a name of their own for the tool, and a client without such files has no use for the flag", async () => {
  const root = project({ ".github/agents/a.agent.md": agent("tools: ['search']") });
  await runCommandHere(["init", "--client", "vscode", "--allow"], { root });
  expect(readFileSync(join(root, ".github/agents/a.agent.md"), "utf8")).toContain(
    "tools: ['search', 'kaizen-metrics/record_execution']",
  );
  const refused = await runCommandHere(["init", "--client", "cursor", "--allow"], { root });
  expect(refused).toMatchObject({ status: 2, stdout: "" });
  expect(await runCommandHere(["init", "--client", "vscode", "--allow", "--remove"], { root })).toMatchObject({
    status: 2,
  });
});

test("the skill that closes the loop comes with the hooks, and a person's own stays", async () => {
  const file = ".claude/skills/kaizen-loop/SKILL.md";
  const root = project();
  expect((await init(root)).stdout).toContain("/kaizen-loop");
  const plugin = new URL("../../src/plugin/skills/kaizen-loop/SKILL.md", import.meta.url);
  expect(readFileSync(join(root, file), "utf8")).toBe(readFileSync(plugin, "utf8"));
  const theirs = project({ [file]: "mine\n" });
  expect(await init(theirs)).toMatchObject({ status: 1 });
  cpSync(root, theirs, { recursive: true });
  put(theirs, file, "mine\n");
  expect((await init(theirs, "--remove")).stdout).toContain("skill kaizen-loop: stays, it is not ours");
  expect(readFileSync(join(theirs, file), "utf8")).toBe("mine\n");
});
