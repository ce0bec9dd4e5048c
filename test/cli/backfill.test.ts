import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { agentNameSchema } from "../../src/domain/run/agent-name.ts";
import { openKaizen, openTrust } from "../../src/open-kaizen.ts";
import { runCommandHere } from "../support/command-here.ts";
import { ClientFolder, pastTranscript } from "../support/past-transcripts.ts";
import { temporaryFolder } from "../support/places.ts";
import { bundle, ServerProcess } from "../support/server-process.ts";

let root = "";
let client: ClientFolder;

beforeEach(() => {
  root = realpathSync(temporaryFolder());
  mkdirSync(join(root, ".kaizen"));
  client = new ClientFolder(temporaryFolder());
});

async function backfilled(env: Record<string, string> = {}, root_ = root) {
  const ran = await runCommandHere(["backfill", "--json"], {
    root: root_,
    env: { CLAUDE_CONFIG_DIR: client.path, ...env },
  });
  expect([ran.status, ran.stderr]).toEqual([0, ""]);
  const { added, known, left, transcripts } = JSON.parse(ran.stdout);
  const some = Object.entries(left).filter(([, count]) => count !== 0);
  return { transcripts, added, known, left: Object.fromEntries(some) };
}

function lines(agent: string): Record<string, unknown>[] {
  const path = join(root, ".kaizen", "metrics", agent, "evidence.jsonl");
  if (!existsSync(path)) return [];
  const text = readFileSync(path, "utf8").trimEnd();
  return text.split("\n").map((line) => JSON.parse(line));
}

test("facts of each run are kept, under its agent, and its outcome stays unknown", async () => {
  client.add(root, "k1", { hoursAgo: 30 });
  client.add(root, "k2", { hoursAgo: 20, type: "my-plugin:reviewer" });
  expect(await backfilled()).toEqual({
    transcripts: 2,
    added: { coder: 1, "my-plugin+reviewer": 1 },
    known: 0,
    left: {},
  });
  expect(lines("coder")).toEqual([
    {
      agent: "coder",
      backfilled: true,
      ...{
        checks: { red: 0, runs: 0 },
        client: "claude-code",
        cost_usd: expect.any(Number),
        denied: 1,
        duration_s: expect.any(Number),
      },
      ...{
        edits: 2,
        ended: expect.any(String),

        files: 1,
        first_seen: expect.any(String),
        interrupted: 1,
      },
      ...{
        key: "k1",
        model: "claude-sonnet-4-5-20250929",
        price_table: expect.any(String),
        seen: "green",
        timestamp: expect.any(String),
      },
      ...{
        tests: expect.any(Object),
        tokens: { cache_read: 91_260, cache_write: 4_872, input: 24, output: 337 },
        tool_errors: 1,
        tools: 6,
        v: 1,
      },
    },
  ]);
  const { stdout } = await runCommandHere(["summary", "coder", "--json"], { root });
  expect(JSON.parse(stdout)).toMatchObject({ execution_count: 0, evidence: { runs: 1, seen: { green: 1 } } });
  expect(JSON.parse(stdout).coverage).toBeUndefined();
});

test("until an agent reports a run, lists say that the runs were seen, and blame no filter", async () => {
  for (const key of ["k1", "k2"]) client.add(root, key);
  await backfilled();
  const said = async (...args: readonly string[]) => (await runCommandHere(args, { root })).stdout;
  expect(await said("summary")).toMatch(/^No agent has reported a run yet; 2 runs were seen\.\n\nagent /);
  expect(await said("runs")).toBe(
    "No agent has reported a run yet; 2 runs were seen. kaizen-metrics summary shows what is known of them.\n",
  );
  await said("record", "coder", "--success");
  expect(await said("runs", "--failure")).toBe("No run of any agent passes these filters.\n");
});

test("done twice, the second time adds nothing", async () => {
  for (const key of ["k1", "k2", "k3"]) client.add(root, key);
  await backfilled();
  const before = lines("coder");
  expect(await backfilled()).toEqual({ transcripts: 3, added: {}, known: 3, left: {} });
  expect(lines("coder")).toEqual(before);
});

test("without any transcript it says where it looked", async () => {
  const ran = await runCommandHere(["backfill"], { root, env: { CLAUDE_CONFIG_DIR: client.path } });
  expect(ran).toMatchObject({
    status: 0,
    stdout: `There are no transcripts of subagents of this project in ${join(client.path, "projects")}.\n`,
  });
  expect(existsSync(join(root, ".kaizen", "metrics"))).toBe(false);
});

test("CLAUDE_CONFIG_DIR is ~/.claude unless it is set", async () => {
  const home = temporaryFolder();
  new ClientFolder(join(home, ".claude")).add(root, "k1");
  const ran = await runCommandHere(["backfill"], { root, env: { HOME: home, CLAUDE_CONFIG_DIR: undefined } });
  expect(ran.stdout).toBe(
    "1 past run read, 0 known before, of 1 transcript.\n" +
      '  "coder": 1 run\n' +
      "kaizen-metrics summary shows what they took; how they came out stays unknown.\n",
  );
});

describe("taken are transcripts", () => {
  test("of older versions, which lie beside the sessions, and of runs in folders below", async () => {
    client.add(root, "k1", { beside: true });
    client.add(root, "k2", { cwd: join(root, "packages", "a") });
    client.add(join(root, "packages", "b"), "k3");
    expect(await backfilled()).toMatchObject({ added: { coder: 3 } });
  });

  test("of a project that is reached by a link", async () => {
    const link = join(temporaryFolder(), "link");
    symlinkSync(root, link);
    client.add(link, "k1");
    client.add(root, "k2");
    expect(await backfilled({}, link)).toMatchObject({ transcripts: 2, added: { coder: 2 } });
  });

  test("that name their agent themselves, in their lines", async () => {
    const text = pastTranscript({ key: "k1", cwd: root, at: Date.now() - 3_600_000 });
    client.add(root, "k1", {
      type: null,
      text: text.replaceAll('"isSidechain":true', '"isSidechain":true,"attributionAgent":"planner"'),
    });
    client.add(root, "k2", { type: null });
    expect(await backfilled()).toMatchObject({ added: { planner: 1 }, left: { unnamed: 1 } });
  });

  test("that were cut off: what stands before the cut is read", async () => {
    const text = pastTranscript({ key: "k1", cwd: root, at: Date.now() - 24 * 3_600_000 });
    client.add(root, "k1", { text: text.slice(0, text.length / 2) });
    client.add(root, "k2", { text: "" });
    client.add(root, "k3", { text: "no JSON\n\0\n" });
    expect(await backfilled()).toEqual({ transcripts: 3, added: { coder: 1 }, known: 0, left: { unreadable: 2 } });
  });
});

describe("left out are transcripts", () => {
  test("of another project, also if its folder has the same name", async () => {
    // /x/a-b and /x/a.b are one folder to the client.
    const [ours, theirs] = [join(root, "a-b"), join(root, "a.b")];
    for (const folder of [ours, theirs]) mkdirSync(join(folder, ".kaizen"), { recursive: true });
    client.add(ours, "k1");
    client.add(theirs, "k2");
    const both = pastTranscript({ key: "k3", cwd: ours, at: Date.now() - 3_600_000 });
    client.add(ours, "k3", { text: both.replace(JSON.stringify(ours), JSON.stringify(theirs)) });
    client.add(`${ours}-c`, "k4");
    expect(await backfilled({}, ours)).toEqual({
      transcripts: 4,
      added: { coder: 1 },
      known: 0,
      left: { other_project: 3 },
    });
    expect(await backfilled({}, theirs)).toMatchObject({ added: { coder: 1 } });
  });

  test("that say the same of a run again, in the folder of another session", async () => {
    client.add(root, "k1", { session: "s-1", hoursAgo: 20 });
    client.add(root, "k1", { session: "s-2", hoursAgo: 30, type: "planner" });
    expect(await backfilled()).toEqual({ transcripts: 2, added: { coder: 1 }, known: 1, left: {} });
    expect(await backfilled()).toEqual({ transcripts: 2, added: {}, known: 2, left: {} });
  });

  test("behind links, and what is none: a FIFO, a folder", async () => {
    const elsewhere = new ClientFolder(temporaryFolder());
    const real = elsewhere.add(root, "k1");
    const folder = join(client.of(root), "s-1", "subagents");
    mkdirSync(folder, { recursive: true });
    symlinkSync(real, join(folder, "agent-k1.jsonl"));
    execFileSync("mkfifo", [join(folder, "agent-k2.jsonl")]);
    mkdirSync(join(folder, "agent-k3.jsonl"));
    symlinkSync(join(elsewhere.of(root), "s-1"), join(client.of(root), "s-2"));
    symlinkSync(elsewhere.of(root), client.of(join(root, "linked")));
    expect(await backfilled()).toEqual({ transcripts: 0, added: {}, known: 0, left: {} });
    // What says the agent's type may be a link, and then says nothing.
    client.add(root, "k4", { type: null });
    symlinkSync(real.replace(/jsonl$/, "meta.json"), join(folder, "agent-k4.meta.json"));
    expect(await backfilled()).toMatchObject({ transcripts: 1, left: { unnamed: 1 } });
  });

  test("of what the client runs for itself, and files of other names", async () => {
    for (const key of ["acompact-1a2b", "aprompt_suggestion-1a2b"]) client.add(root, key);
    const kept = client.add(root, "k1");
    for (const name of ["s-1.jsonl", "agent-.jsonl", "agent-k 2.jsonl", "agent-k3.jsonl.bak"])
      writeFileSync(join(kept, "..", name), "{}\n");
    expect(await backfilled()).toMatchObject({ transcripts: 1, added: { coder: 1 } });
  });

  test("that say in another line whose they are", async () => {
    const text = pastTranscript({ key: "k1", cwd: root, at: Date.now() - 3_600_000 });
    const path = client.add(root, "k1", { text, type: null });
    writeFileSync(path.replace(/jsonl$/, "meta.json"), JSON.stringify({ agentType: ["coder"], agent_type: "x" }));
    client.add(root, "k2", { type: "" });
    client.add(root, "k3", { type: "../../../etc" });
    expect(await backfilled()).toMatchObject({ transcripts: 3, left: { unnamed: 2 } });
  });

  test("of runs that are older than the retention", async () => {
    client.add(root, "k1", { hoursAgo: 24 * 10 });
    client.add(root, "k2", { hoursAgo: 24 * 2 });
    expect(await backfilled({ KAIZEN_RETENTION_DAYS: "7" })).toMatchObject({
      added: { coder: 1 },
      left: { expired: 1 },
    });
    expect(lines("coder")).toEqual([expect.objectContaining({ key: "k2" })]);
    expect(await backfilled({ KAIZEN_RETENTION_DAYS: "0" })).toMatchObject({ added: { coder: 1 }, known: 1 });
  });

  test("that were written to ten minutes ago, since their runs may not have ended", async () => {
    const path = client.add(root, "k1", { hoursAgo: 1 });
    const justNow = Date.now() / 1000 - 60;
    utimesSync(path, justNow, justNow);
    expect(await backfilled()).toMatchObject({ added: {}, left: { at_work: 1 } });
    utimesSync(path, justNow - 600, justNow - 600);
    expect(await backfilled()).toMatchObject({ added: { coder: 1 }, left: {} });
  });
});

describe("what hooks have kept", () => {
  async function noted(facts: object) {
    const kaizen = openKaizen({ projectRoot: root, onNotice: () => {} });
    await kaizen.evidence.note(agentNameSchema.parse("coder"), { key: "k1", ...facts });
    await kaizen.close();
  }

  test("of a transcript stays as it is", async () => {
    await noted({ tools: 99, edits: 7, ended: new Date(Date.now() - 1000).toISOString() });
    client.add(root, "k1");
    expect(await backfilled()).toMatchObject({ added: {}, known: 1 });
    expect(lines("coder")).toEqual([expect.objectContaining({ tools: 99 })]);
  });

  test("of git is joined by what its transcript shows, and keeps its end, its day and its flags", async () => {
    const ended = new Date(Math.floor(Date.now() / 1000) * 1000 - 5_000).toISOString().replace(".000Z", "Z");
    await noted({ tree: "a".repeat(40), flags: ["config_changed"], ended });
    const text = pastTranscript({ key: "k1", cwd: root, at: Date.now() - 86_400_000 });
    client.add(root, "k1", { text });
    expect(await backfilled()).toMatchObject({ added: { coder: 1 } });
    const kaizen = openKaizen({ projectRoot: root, onNotice: () => {} });
    const { seen } = (await kaizen.evidence.overview(agentNameSchema.parse("coder"))) ?? {};
    await kaizen.close();
    expect(seen?.totals).toMatchObject({ runs: 1, ended: 1 });
    expect(seen?.recent.get("k1")).toMatchObject({
      endedAt: Date.parse(ended),
      facts: { tree: "a".repeat(40), seen: "green", flags: ["config_changed"] },
    });
    expect(seen?.recent.get("k1")?.facts.backfilled).toBeUndefined();
  });

  test("of a run that is under way is left to them", async () => {
    await noted({ tree_start: "a".repeat(40) });
    client.add(root, "k1");
    expect(await backfilled()).toMatchObject({ added: {}, left: { at_work: 1 } });
  });
});

test("of an agent as many runs are taken as the store knows one by one: the last ones, in their order", async () => {
  for (let index = 0; index < 1_003; index += 1) client.add(root, `k${index}`, { hoursAgo: 2 + index });
  expect(await backfilled()).toMatchObject({ added: { coder: 1_000 }, left: { too_many: 3 } });
  expect(lines("coder").map(({ key }) => key)).toEqual(Array.from({ length: 1_000 }, (_, index) => `k${999 - index}`));
  expect(await backfilled()).toMatchObject({ added: {}, known: 1_000, left: { too_many: 3 } });
});

test("the figures of the last runs are those of the runs that began last, whenever they were read", async () => {
  const kaizen = openKaizen({ projectRoot: root, onNotice: () => {} });
  const agent = agentNameSchema.parse("coder");
  await kaizen.evidence.note(agent, { key: "new", tools: 1 });
  client.add(root, "old", { hoursAgo: 40 });
  await backfilled();
  expect([...((await kaizen.evidence.overview(agent))?.seen.recent.keys() ?? [])]).toEqual(["old", "new"]);
  await kaizen.close();
});

describe("if transcripts are switched off", () => {
  test.each([
    ["KAIZEN_EVIDENCE=off", { KAIZEN_EVIDENCE: "off" }, false, /Transcripts are not read: KAIZEN_EVIDENCE is off/],
    ["init --no-transcripts", {}, true, /Transcripts are not read\. Switch them on: .*--transcripts/],
  ] as const)("by %s, none is read", async (_, env, isChosen, why) => {
    client.add(root, "k1");
    if (isChosen) openTrust(root).choose({ transcripts: false });
    const ran = await runCommandHere(["backfill"], { root, env: { CLAUDE_CONFIG_DIR: client.path, ...env } });
    expect([ran.status, ran.stdout, ran.stderr]).toEqual([2, "", expect.stringMatching(why)]);
    expect(lines("coder")).toEqual([]);
  });
});

const script = "/usr/bin/script";

test.runIf(process.platform === "linux" && existsSync(script))("a terminal is told how far it is", async () => {
  const path = client.add(root, "k0");
  const one = readFileSync(path);
  const many = Buffer.concat(Array.from({ length: Math.ceil(100e6 / one.length) }, () => one));
  writeFileSync(path, many);
  utimesSync(path, 1e9, 1e9);
  client.add(root, "k1", { hoursAgo: 30 });
  renameSync(path, path.replace("k0", "k2"));
  writeFileSync(path.replace("k0.jsonl", "k2.meta.json"), '{"agentType":"coder"}');
  const terminal = new ServerProcess({
    command: script,
    args: ["-qec", `stty cols 80; ${process.execPath} ${bundle} backfill --root ${root}`, "/dev/null"],
    env: { TERM: "xterm", CLAUDE_CONFIG_DIR: client.path },
  });
  expect(await terminal.exited).toBe(0);
  const shown = terminal.lines.join("\n");
  expect(shown).toContain("2 past runs read, 0 known before, of 2 transcripts.");
  expect(shown.replaceAll("\u001b[K", "")).toMatch(/\rreading transcripts: \d+\.\d of 100\.\d MB/);
});
