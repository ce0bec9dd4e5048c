import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { adr004Files, type Catalogue } from "../../src/adr004/catalogue.ts";
import { sideLineReader } from "../../src/adr004/side-line.ts";
import { parseJson } from "../../src/domain/text/json.ts";
import { nodeFileSystem } from "../../src/storage/jsonl/files/file-system.ts";
import { Layout } from "../../src/storage/jsonl/files/layout.ts";
import type { JsonlStore } from "../../src/storage/jsonl/store.ts";
import { openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { clockAt, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun } from "../support/single-calls.ts";

/** A new kind of file is an entry of the catalogue: nothing else in `src` is told of these three. */

const { agent, optimizer } = adr004Files;

const catalogue: Catalogue = {
  agent: {
    ...agent,
    journals: {
      ...agent.journals,
      moods: {
        name: "moods.jsonl",
        what: "the moods",
        says: "How the agent felt: one mood a line, appended.",
        read: sideLineReader((line) => (parseJson(line.toString()) === "fine" ? {} : undefined), "it is no mood"),
        changes: "runs",
        isIgnored: true,
      },
    },
    derived: {
      ...agent.derived,
      chart: { name: "chart", says: "A picture of the moods.", isFolder: true, isIgnored: true },
    },
  },
  optimizer: {
    ...optimizer,
    documents: {
      ...optimizer.documents,
      plan: { name: "plan.json", says: "What comes next.", changes: "advice", repair: "moves it out of the way" },
    },
  },
};

const moods = ".kaizen/metrics/reviewer/moods.jsonl";
const plan = ".kaizen/metrics/optimizer/plan.json";
const makeRun = runMaker(clockAt());
let root: string;
let store: JsonlStore;

beforeEach(async () => {
  root = fastTemporaryFolder();
  store = openJsonl(root, { now: clockAt().now, catalogue });
  await appendRun(store.runs, REVIEWER, makeRun());
  writeFileSync(join(root, moods), '"fine"\n');
  mkdirSync(join(root, ".kaizen/metrics/optimizer"));
});

const inFile = (path: string) => readFileSync(join(root, path), "utf8");
const findings = async () => (await store.files.examine(() => {})).findings;

test("stands beside the others", () => {
  const layout = new Layout(nodeFileSystem, root, catalogue);
  expect(layout.agent(REVIEWER).journals.map(({ path }) => path)).toContain(join(root, moods));
  expect(layout.optimizer.documents.map(({ path }) => path)).toContain(join(root, plan));
});

test("is examined, and what is damaged in it is found, named, and repaired into its quarantine", async () => {
  expect(await findings()).toEqual([]);
  appendFileSync(join(root, moods), '"torn\n"fine"\n');
  writeFileSync(join(root, plan), "{\n");
  const found = await findings();
  expect(found).toEqual([
    {
      kind: "damage",
      agent: "reviewer",
      file: moods,
      line: 2,
      offset: 7,
      reason: "it is no mood",
      lost: true,
      repair: "moves the line to moods.quarantine",
    },
    { kind: "damage", file: plan, reason: "it is not a JSON object", lost: true, repair: "moves it out of the way" },
  ]);
  expect(await store.files.repair(found, () => {})).toEqual([]);
  expect(inFile(moods)).toBe('"fine"\n"fine"\n');
  expect(inFile(".kaizen/metrics/reviewer/moods.quarantine")).toBe('"torn\n');
  expect(inFile(".kaizen/metrics/optimizer/plan.quarantine")).toBe("{\n");
  expect((await findings()).map(({ file, kind }) => [kind, basename(file)])).toEqual([
    ["remark", "moods.quarantine"],
    ["remark", "plan.quarantine"],
  ]);
});

test("is in the change token of what it changes, and of nothing else", async () => {
  const tokens = () =>
    Promise.all([store.runs, store.lifecycle, store.evidence, store.advice].map((part) => part.changeToken()));
  const [runs, lifecycle, evidence, advice] = await tokens();
  appendFileSync(join(root, moods), '"fine"\n');
  const [runsNow, ...others] = await tokens();
  expect(runsNow).not.toBe(runs);
  expect(others).toEqual([lifecycle, evidence, advice]);
  writeFileSync(join(root, plan), "{}");
  expect(await tokens()).toEqual([runsNow, lifecycle, evidence, expect.not.stringContaining(advice ?? "")]);
});

test("is out of git if its entry says so", () => {
  const ignored = inFile(".kaizen/.gitignore").split("\n");
  expect(ignored).toEqual(expect.arrayContaining([".index/", "moods.jsonl", "chart/", "*.tmp-*"]));
  expect(ignored).not.toContain("plan.json");
});
