import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { Kaizen } from "../../src/kaizen/kaizen.ts";
import { writeForeignLines } from "../support/foreign-writer.ts";
import { openJsonl } from "../support/jsonl.ts";
import { temporaryFolder } from "../support/places.ts";
import { agentNamed, clockAt, codeOf, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun, namesOf, scanRuns } from "../support/single-calls.ts";

const clock = clockAt();
const secret = '{"success": true, "timestamp": "2026-11-22T09:00:00Z", "notes": "outside"}\n';

/** A project in which something that is not what it should be stands at a path, and a folder outside it. */
function setUp(path: string, put: (at: string, outside: string) => void) {
  const root = temporaryFolder();
  const outside = temporaryFolder();
  writeFileSync(join(outside, "file"), secret);
  mkdirSync(join(outside, "reviewer"));
  writeFileSync(join(outside, "reviewer", "executions.jsonl"), secret);
  const at = join(root, path);
  mkdirSync(dirname(at), { recursive: true });
  put(at, outside);
  return { root, outside, store: openJsonl(root, { now: clock.now, lockTimeoutMs: 500 }) };
}

const outsideAsItWas = (outside: string) => {
  expect(readdirSync(outside).sort()).toEqual(["file", "reviewer"]);
  expect(readdirSync(join(outside, "reviewer"))).toEqual(["executions.jsonl"]);
  for (const name of ["file", "reviewer/executions.jsonl"])
    expect(readFileSync(join(outside, name), "utf8")).toBe(secret);
};

const linkToFile = (at: string, outside: string) => symlinkSync(join(outside, "file"), at);
const linkToNothing = (at: string, outside: string) => symlinkSync(join(outside, "none"), at);
const linkToFolder = (at: string, outside: string) => symlinkSync(outside, at);
const linkToAgentFolder = (at: string, outside: string) => symlinkSync(join(outside, "reviewer"), at);
const fifo = (at: string) => void execFileSync("mkfifo", [at]);
const folder = (at: string) => mkdirSync(at);

const log = ".kaizen/metrics/reviewer/executions.jsonl";

describe.each([
  ["a link in the place of the log", log, linkToFile],
  ["a link that leads nowhere in the place of the log", log, linkToNothing],
  ["a FIFO in the place of the log", log, fifo],
  ["a folder in the place of the log", log, folder],
  ["a link in the place of an agent's folder", ".kaizen/metrics/reviewer", linkToAgentFolder],
  ["a link in the place of .kaizen/metrics", ".kaizen/metrics", linkToFolder],
  ["a link in the place of .kaizen", ".kaizen", linkToFolder],
])("%s", (_, path, put) => {
  test("is refused by name, to readers and writers, and what it leads to is left alone", async () => {
    const { outside, store } = setUp(path, put);
    const calls = [
      () => appendRun(store.runs, REVIEWER, runMaker(clock)()),
      () => store.runs.overview(REVIEWER),
      () => store.runs.page(REVIEWER, { filter: {}, limit: 1 }),
      () => store.runs.prune(REVIEWER),
      () => store.runs.repair(REVIEWER),
    ];
    for (const call of calls) expect(await codeOf(call())).toBe("UNSAFE_PATH");
    outsideAsItWas(outside);
  });
});

describe.each([
  ["the summary", ".kaizen/metrics/reviewer/summary.json", linkToFile],
  ["the index", ".kaizen/metrics/reviewer/.index", linkToFolder],
  ["the quarantine", ".kaizen/metrics/reviewer/executions.quarantine", linkToFile],
  ["the locks", ".kaizen/metrics/.locks", linkToFolder],
  ["the owners of locks", ".kaizen/metrics/.locks/owners", linkToFolder],
  ["an agent's lock", ".kaizen/metrics/.locks/reviewer.lock", linkToFile],
  ["the list of what git leaves out", ".kaizen/.gitignore", linkToFile],
])("a link in the place of %s", (_, path, put) => {
  test("leads nobody out of the project", async () => {
    const { root, outside, store } = setUp(path, put);
    writeForeignLines(root, REVIEWER, [{ nothing: "of a run" }]);
    for (let index = 0; index < 3; index += 1) {
      await Promise.allSettled([appendRun(store.runs, REVIEWER, runMaker(clock)()), store.runs.repair(REVIEWER)]);
    }
    outsideAsItWas(outside);
  });
});

describe.each([
  ["the optimizer's folder", ".kaizen/metrics/optimizer", linkToFolder],
  ["the analysis", ".kaizen/metrics/optimizer/analysis.json", linkToFile],
  ["the recommendations", ".kaizen/metrics/optimizer/recommendations.jsonl", linkToFile],
])("a link in the place of %s", (_, path, put) => {
  test("is refused by name, and what it leads to is left alone", async () => {
    const { outside, store } = setUp(path, put);
    const entry = { timestamp: "2026-11-22T10:00:00Z", agent: "a", metrics_count: 1, recommendations: [] };
    if (!path.endsWith(".jsonl")) expect(await codeOf(store.advice.writeAnalysis({}))).toBe("UNSAFE_PATH");
    if (!path.endsWith(".json"))
      expect(await codeOf(store.advice.merge({ entries: [entry], events: [] }))).toBe("UNSAFE_PATH");
    outsideAsItWas(outside);
  });
});

describe.each([
  ["what hooks saw", "lifecycle.jsonl", linkToFile, 1],
  ["the evidence", "evidence.jsonl", linkToFile, 1],
  ["the verifications", "verifications.jsonl", linkToNothing, 1],
  ["the verifications, a folder", "verifications.jsonl", folder, 1],
  ["the checkpoint", ".index/checkpoint.json", linkToFile, 0],
  ["the checkpoint, a folder", ".index/checkpoint.json", folder, 0],
  ["the checkpoint of the verifications", ".index/verifications.json", linkToFile, 0],
  ["the checkpoint of what hooks saw", ".index/lifecycle.json", fifo, 0],
  ["the snapshot of the evidence", ".index/evidence.json", linkToFile, 0],
  ["the index", ".index", linkToFolder, 0],
])("a link in the place of %s", (_, path, put, unreadable) => {
  test("of one agent keeps no agent's figures from anybody, and is damage that doctor names", async () => {
    const { outside, root, store } = setUp(`.kaizen/metrics/linked/${path}`, put);
    const linked = agentNamed("linked");
    writeForeignLines(root, linked, [{ success: true, timestamp: "2026-11-22T09:00:00Z" }]);
    for (const file of ["verifications.jsonl", "lifecycle.jsonl", "evidence.jsonl"]) {
      const at = join(root, ".kaizen/metrics/linked", file);
      if (path !== file) writeFileSync(at, "");
    }
    await appendRun(store.runs, REVIEWER, runMaker(clock)());
    const kaizen = new Kaizen({ store, now: clock.now, randomHex: () => "", retentionDays: 30 });
    const listed = await kaizen.listAgents();
    expect(listed.map(({ summary, stats }) => [summary.agent, summary.execution_count, stats.damaged_lines])).toEqual([
      ["linked", 1, unreadable],
      ["reviewer", 1, 0],
    ]);
    const walked: unknown[] = [];
    walked.push(...(await scanRuns(store.runs, linked)));
    expect(walked).toHaveLength(1);
    const { findings } = await store.files.examine(() => {});
    expect(findings.filter(({ kind }) => kind === "damage").map(({ file }) => file)).toEqual([
      `.kaizen/metrics/linked/${path}`,
    ]);
    await appendRun(store.runs, linked, runMaker(clock)());
    outsideAsItWas(outside);
  });
});

test("an agent behind a link is not listed, and hides no other agent", async () => {
  const { root, store } = setUp(".kaizen/metrics/linked", linkToAgentFolder);
  await appendRun(store.runs, REVIEWER, runMaker(clock)());
  expect(await namesOf(store.runs)).toEqual([REVIEWER]);
  expect(await codeOf(appendRun(store.runs, agentNamed("linked"), runMaker(clock)()))).toBe("UNSAFE_PATH");
  expect(existsSync(join(root, ".kaizen", "metrics", "linked", "summary.json"))).toBe(false);
});

test("a log that is taken away between two calls begins anew", async () => {
  const root = temporaryFolder();
  const { runs: executions } = openJsonl(root, { now: clock.now });
  const makeRun = runMaker(clock);
  await appendRun(executions, REVIEWER, makeRun());
  rmSync(join(root, ".kaizen"), { recursive: true });
  expect((await executions.overview(REVIEWER)).view.tally.runs).toBe(0);
  expect((await appendRun(executions, REVIEWER, makeRun())).overview.view.tally.runs).toBe(1);
});
