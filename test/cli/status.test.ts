import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCommandHere } from "../support/command-here.ts";
import { temporaryFolder } from "../support/places.ts";

/** A project with a home of its own, in which commands are typed. */
function place() {
  const [root, home] = [temporaryFolder(), temporaryFolder()];
  mkdirSync(join(root, ".git"));
  const run = (...args: readonly string[]) => runCommandHere(args, { cwd: root, env: { HOME: home } });
  const put = (file: string, text: string, folder = root) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  const json = async () => JSON.parse((await run("status", "--json")).stdout);
  return { root, home, run, put, json };
}

const toMend = (value: { to_mend: { what: string; mend: string }[] }) =>
  value.to_mend.map(({ what, mend }) => [what, mend]);
const declined = '{ "disabledMcpjsonServers": ["kaizen-metrics"] }';

test("where nothing is set up it says so, with the command for the client that is used, and makes nothing", async () => {
  const empty = temporaryFolder();
  const env = { HOME: temporaryFolder() };
  const ran = await runCommandHere(["status"], { cwd: empty, env });
  expect(ran).toMatchObject({ status: 1, stderr: "" });
  expect(ran.stdout).toContain("kaizen-metrics is not set up here.\n    kaizen-metrics init --client claude-code\n");
  expect(readdirSync(empty)).toEqual([]);
  mkdirSync(join(empty, ".cursor"));
  expect((await runCommandHere(["status"], { cwd: empty, env })).stdout).toContain("init --client cursor\n");
  expect(await runCommandHere(["status", "--root", "/nowhere"], { cwd: empty, env })).toMatchObject({ status: 2 });
});

test("after init all is well, without a store yet; what waits for a person is no problem", async () => {
  const { json, run } = place();
  await run("init", "--client", "claude-code", "--allow");
  const fresh = await run("status");
  expect(fresh).toMatchObject({ status: 0, stderr: "", stdout: expect.stringMatching(/\n\nAll is well\.\n$/) });
  expect(fresh.stdout).toContain("Store       none yet");
  await run("record", "a", "--success");
  expect(await json()).toMatchObject({
    ok: true,
    clients: ["claude-code"],
    server: { kind: "on", file: ".mcp.json" },
    permission: { kind: "allowed", file: ".claude/settings.json" },
    hooks: { installed: true, seen_today: false, last_seen: null },
    agents_unable: [],
    undecided_runs: 1,
    open_advice: 0,
    store: { agents: 1, runs: 1 },
    trust: { state: "written_here" },
    to_mend: [],
  });
  const used = await run("status");
  expect(used).toMatchObject({ status: 0, stdout: expect.stringContaining("kaizen-metrics verify --pick") });
});

test("that a person may be asked is for them to decide, and init says the same", async () => {
  const { json, run } = place();
  const init = await run("init", "--client", "claude-code");
  const remark = "For you to decide:\n  - Claude Code may ask you about each report";
  expect(init.stdout).toContain(remark);
  expect(init.stdout).not.toContain("To mend");
  expect(await run("status")).toMatchObject({ status: 0, stdout: expect.stringContaining(remark) });
  const { to_decide: toDecide } = await json();
  const again = JSON.parse((await run("init", "--client", "claude-code", "--json")).stdout);
  expect(again).toMatchObject({ to_mend: [], to_decide: toDecide });
  expect(toDecide).toMatchObject([{ mend: "kaizen-metrics init --client claude-code --allow" }]);
});

test("says whether hooks saw a run today", async () => {
  const { json, put, root, run } = place();
  await run("init", "--client", "claude-code");
  await run("record", "a", "--success");
  const now = `${new Date().toISOString().slice(0, 19)}Z`;
  const event = { agent: "a", key: "k", event: "started", timestamp: now, first_seen: now };
  put(".kaizen/metrics/a/lifecycle.jsonl", `${JSON.stringify(event)}\n`);
  expect((await json()).hooks).toMatchObject({ installed: true, seen_today: true });
  expect((await run("status")).stdout).toContain("Hooks       installed; last saw a run today\n");
  expect(readdirSync(root)).toContain(".kaizen");
});

describe("a problem is told with what mends it, and ends with status 1:", () => {
  test.each([
    ["a server that was declined", ".claude/settings.local.json", declined, "claude mcp reset-project-choices, and"],
    ["an agent without the tool", ".claude/agents/a.md", "---\ntools: Read\n---\n", "kaizen-metrics init --client "],
    ["settings that cannot be read", ".claude/settings.local.json", "{ not json", "make it readable JSON again"],
    ["hooks that are gone", ".claude/settings.json", "{}", "kaizen-metrics init --client claude-code"],
    [
      "a rule that denies it",
      ".claude/settings.local.json",
      '{ "permissions": { "deny": ["mcp__kaizen-metrics__*"] } }',
      "take the rule out of there",
    ],
  ])("%s", async (_, file, text, mend) => {
    const { json, put, run } = place();
    await run("init", "--client", "claude-code");
    put(file, text);
    const ran = await run("status");
    expect(ran).toMatchObject({ status: 1, stderr: "" });
    const problems = toMend(await json());
    expect(problems).toEqual([[expect.any(String), expect.stringContaining(mend)]]);
    for (const [what = ""] of problems) expect(ran.stdout.replaceAll(/\n +/g, " ")).toContain(what);
  });

  test("a store that came with a clone, and one that cannot be read", async () => {
    const { json, put, root, run } = place();
    await run("init", "--client", "claude-code");
    put(".kaizen/metrics/a/executions.jsonl", '{"agent": "a", "success": true}\n');
    expect(toMend(await json())).toEqual([[expect.stringContaining("came with a clone"), "kaizen-metrics trust"]]);
    symlinkSync("/dev/null", join(root, ".kaizen/metrics/b"));
    expect(toMend(await json())).toContainEqual([expect.stringContaining("b"), "kaizen-metrics doctor"]);
  });
});

test("the user's own settings of the client count too, and a large or broken one says nothing", async () => {
  const { home, json, put, root, run } = place();
  await run("init", "--client", "claude-code", "--allow");
  put(".claude/settings.json", declined, home);
  expect((await json()).server).toMatchObject({ kind: "off", file: "~/.claude/settings.json" });
  put(".claude/settings.json", "{", home);
  const projects = { [root]: { disabledMcpServers: ["kaizen-metrics"] } };
  put(".claude.json", JSON.stringify({ projects }).padEnd(1_000_000), home);
  expect((await json()).server).toMatchObject({ kind: "off", file: "~/.claude.json" });
});

test("a project with another client has nothing of Claude Code to mend", async () => {
  const { json, put, run } = place();
  put(".claude/settings.local.json", declined);
  put(".claude/agents/a.md", "---\ntools: Read\n---\n");
  await run("init", "--client", "cursor");
  expect(await json()).toMatchObject({ ok: true, clients: ["cursor"], server: null, permission: null, to_mend: [] });
});

test("an agent of Codex can report, unless its own file keeps the server or the tool from it", async () => {
  const { json, put, run } = place();
  await run("init", "--client", "codex");
  const agent = (name: string, more: string) =>
    put(`.codex/agents/${name}.toml`, `name = "${name}"\ndescription = "x"\ndeveloper_instructions = "x"\n${more}`);
  const ours = "[mcp_servers.kaizen-metrics]\n";
  agent("plain", "");
  agent("other", "[mcp_servers.other]\nenabled = false\n");
  agent("listed", `${ours}enabled_tools = ["get_brief", "record_execution"]\n`);
  put(".codex/agents/no.toml", "name = [");
  // Codex reads no markdown there.
  put(".codex/agents/old.md", "---\nname: old\ntools: Read\n---\n");
  expect(await json()).toMatchObject({ ok: true, agents_unable: [] });
  agent("off", `${ours}enabled = false\n`);
  agent("deep/less", `${ours}enabled_tools = ["get_brief"]\n`);
  agent("without", `${ours}disabled_tools = ["record_execution"]\n`);
  const found = await json();
  expect(found.agents_unable).toMatchObject([
    { agent: "off", client: "codex", file: ".codex/agents/off.toml", forbidden: true },
    { agent: "without" },
    { agent: "deep/less", file: ".codex/agents/deep/less.toml" },
  ]);
  expect(toMend(found)).toEqual([
    [
      "off, without, deep/less cannot report: [mcp_servers.kaizen-metrics] of the agent keeps record_execution from it.",
      "let it have the tool in .codex/agents/off.toml",
    ],
  ]);
  expect((await run("init", "--client", "codex")).stdout).toContain("off, without, deep/less cannot report");
  expect(await run("init", "--client", "codex", "--allow")).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("for codex it would do nothing"),
  });
});

test("a user's own agents are told of and left alone, and one of the project takes the place of its namesake", async () => {
  const { home, json, put, run } = place();
  await run("init", "--client", "claude-code", "--allow");
  const agent = (tools: string) => `---\nname: scout\ndescription: x\n${tools}---\nx\n`;
  put(".claude/agents/scout.md", agent("tools: Read\n"), home);
  put(".claude/agents/free.md", "---\nname: free\n---\n", home);
  const found = await json();
  expect(found).toMatchObject({ ok: true, agents_unable: [], to_mend: [] });
  expect(found.to_decide).toContainEqual({
    what: "Your own scout cannot report: the tools leave record_execution out.",
    mend: "add mcp__kaizen-metrics__record_execution to tools: in ~/.claude/agents",
  });
  const init = await run("init", "--client", "claude-code", "--allow");
  expect(init.stdout.replaceAll(/\s+/g, " ")).toContain("Your own scout cannot report");
  expect(readFileSync(join(home, ".claude/agents/scout.md"), "utf8")).toBe(agent("tools: Read\n"));
  put(".claude/agents/scout.md", agent(""));
  expect(JSON.stringify((await json()).to_decide)).not.toContain("scout");
});
