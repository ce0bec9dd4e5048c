import { expect, test } from "vitest";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
import type { JsonObject } from "../../src/domain/text/json.ts";
import type { ImportReport, SourceFile } from "../../src/kaizen/import/import.ts";
import { Kaizen } from "../../src/kaizen/kaizen.ts";
import { createMemoryStore } from "../oracle/memory.ts";
import { idOf } from "../support/histories.ts";
import { agentNamed, clockAt, codeOf, REVIEWER } from "../support/runs.ts";
import { appendRun } from "../support/single-calls.ts";

const clock = clockAt();
const YESTERDAY = formatInstant(clock.now() - DAY_MS);

function setUp() {
  const store = createMemoryStore({ now: clock.now, retentionDays: 30 });
  const kaizen = new Kaizen({ store, now: clock.now, randomHex: () => "0".repeat(20), retentionDays: 30 });
  const take = async (files: readonly SourceFile[], options: { agent?: string; isDryRun?: boolean } = {}) => {
    const importer = await kaizen.importer({ isDryRun: false, onProgress: () => {}, ...options });
    for (const file of files) await importer.take(file);
    return importer.finish([]);
  };
  const records = async (agent: string = REVIEWER) => {
    const found: JsonObject[] = [];
    for await (const { runs } of kaizen.scan([agent], {})) found.push(...runs.map(({ execution }) => execution.record));
    return found;
  };
  return { store, kaizen, take, records };
}

function file(lines: readonly (JsonObject | string)[], more: Partial<SourceFile> = {}): SourceFile {
  const texts = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line)));
  return {
    kind: "runs",
    name: "source",
    agent: REVIEWER,
    ...more,
    async *lines() {
      yield texts.map((text, index) => ({ bytes: Buffer.from(text), line: index + 1 }));
    },
  };
}

function run(more: JsonObject = {}): JsonObject {
  return { success: true, timestamp: YESTERDAY, ...more };
}

/** What is not nought in a report's counts. */
function counted(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

const identities: readonly [string, (n: number) => JsonObject][] = [
  ["a key", (n) => run({ idempotency_key: `k${n}`, n })],
  ["an id", (n) => run({ id: idOf(n), n })],
  ["a key and an id", (n) => run({ idempotency_key: `k${n}`, id: idOf(n), n })],
  ["nothing but what they say", (n) => run({ n })],
];

test.each(identities)("runs that are known by %s come in once, whole or in copies that overlap", async (_, make) => {
  const { take, records } = setUp();
  const all = [1, 2, 3, 4, 5].map(make);
  expect(counted((await take([file(all.slice(0, 3))])).runs)).toEqual({ added: 3 });
  expect(counted((await take([file(all.slice(1))])).runs)).toEqual({ added: 2, already_there: 2 });
  expect(counted((await take([file(all), file(all)])).runs)).toEqual({ already_there: 10 });
  expect(await records()).toEqual(all);
});

test.each(identities)(
  "a rehearsal says the same of runs that are known by %s, and changes nothing",
  async (_, make) => {
    const { take, records } = setUp();
    await take([file([make(1)])]);
    const source = [file([make(1), make(2), make(2), make(3)])];
    const dryRunSeen = await take(source, { isDryRun: true });
    expect(await records()).toEqual([make(1)]);
    const { runs } = await take(source);
    expect(dryRunSeen).toMatchObject({ dry_run: true, runs });
  },
);

test.each(identities)(
  "a dry run knows what it would have added by now, of runs that are known by %s",
  async (_, make) => {
    const { take } = setUp();
    // More than are handed to the store at once, in two sources that overlap.
    const many = Array.from({ length: 700 }, (_, n) => make(n + 1));
    const source = [file([...many, ...many.slice(0, 2)]), file(many.slice(500))];
    const dryRun = await take(source, { isDryRun: true });
    const { runs } = await take(source);
    expect(dryRun.runs).toEqual(runs);
  },
);

test("a dry run finds conflicts between sources as well", async () => {
  const { take } = setUp();
  const source = [file([run({ idempotency_key: "k", n: 1 })]), file([run({ idempotency_key: "k", n: 2 }), run()])];
  const dryRun = await take(source, { isDryRun: true });
  expect(counted(dryRun.runs)).toEqual({ added: 2, conflicts: 1 });
  expect((await take(source)).runs).toEqual(dryRun.runs);
});

test("two equal runs of one source are two, and two sources with a copy of each are two as well", async () => {
  const { take, records } = setUp();
  const twice = file([run(), run()]);
  expect(counted((await take([twice])).runs)).toEqual({ added: 2 });
  expect(counted((await take([twice, twice])).runs)).toEqual({ already_there: 4 });
  expect(await records()).toHaveLength(2);
});

test("every key and the time of a run are kept, and its log is in the order of time afterwards", async () => {
  const { kaizen, records, take } = setUp();
  const own = await kaizen.record({ agent: REVIEWER, success: false });
  const earlier = run({ id: idOf(1), nested: { keys: [1, null] }, timestamp: "2026-11-20T10:00:00.123+01:00" });
  const latest = run({ id: idOf(2), timestamp: formatInstant(clock.now() + 1000) });
  expect(await take([file([latest, earlier])])).toMatchObject({ reordered: [REVIEWER] });
  expect((await records()).map(({ id }) => id)).toEqual([idOf(1), own.id, idOf(2)]);
  expect((await records())[0]).toEqual(earlier);
  expect((await kaizen.summary(REVIEWER)).summary.last_execution).toBe(latest.timestamp);
  expect(await take([file([latest, earlier])])).toMatchObject({ reordered: [] });
});

test("what has expired is counted and left out", async () => {
  const { take, records } = setUp();
  const old = run({ timestamp: formatInstant(clock.now() - 31 * DAY_MS) });
  expect(counted((await take([file([old, run(), { success: true }])])).runs)).toEqual({ added: 2, expired: 1 });
  expect(await records()).toHaveLength(2);
});

test("what lies further in the future than clocks differ is refused and named, as when it is recorded", async () => {
  const { kaizen, take, records } = setUp();
  const inTwoDays = formatInstant(clock.now() + 2 * DAY_MS);
  const tomorrow = formatInstant(clock.now() + DAY_MS);
  expect(await codeOf(kaizen.record({ agent: REVIEWER, success: true, timestamp: inTwoDays }))).toBe(
    "INVALID_ARGUMENT",
  );
  const runs = file([run({ timestamp: inTwoDays }), run({ id: idOf(1), timestamp: tomorrow })]);
  const verifications = file([{ ...verification, timestamp: inTwoDays }], {
    kind: "verifications",
    name: "verifications",
  });
  const reason = "its timestamp is more than a day ahead of this machine's clock";
  const report = await take([runs, verifications]);
  expect(report).toMatchObject({
    runs: { added: 1, refused: 1 },
    verifications: { added: 0, refused: 1 },
    problems: [
      { kind: "refused", file: "source", line: 1, reason },
      { kind: "refused", file: "verifications", line: 1, reason },
    ],
  });
  expect(await records()).toHaveLength(1);
});

test("a run with a key is the one that was reported here, whatever id and time each store gave it", async () => {
  const { kaizen, records, take } = setUp();
  await kaizen.record({ agent: REVIEWER, success: true, idempotency_key: "k", notes: "same" });
  const there = run({ agent: REVIEWER, id: idOf(7), idempotency_key: "k", notes: "same" });
  expect(counted((await take([file([there])])).runs)).toEqual({ already_there: 1 });
  expect(await records()).toHaveLength(1);
});

test("the same key or id with other content is a conflict: counted, named, and in nobody's way", async () => {
  const { take, records } = setUp();
  await take([file([run({ idempotency_key: "k", n: 1 }), run({ id: idOf(1), n: 1 })])]);
  const report = await take([file([run({ idempotency_key: "k", n: 2 }), run({ id: idOf(1), n: 2 }), run({ n: 3 })])]);
  expect(counted(report.runs)).toEqual({ added: 1, conflicts: 2 });
  expect(report.problems.map(({ file, kind, line }) => [file, kind, line])).toEqual([
    ["source", "conflict", 1],
    ["source", "conflict", 2],
  ]);
  expect(await records()).toHaveLength(3);
});

test("damaged lines are counted and named; what can be read in them comes in", async () => {
  const { take, records } = setUp();
  const glued = `${JSON.stringify(run({ n: 1 }))}${JSON.stringify(run({ n: 2 }))}`;
  const torn = `{"success": tr${JSON.stringify(run({ n: 3 }))}`;
  const report = await take([file(["<<<<<<< HEAD", glued, torn, "", '{"success": "yes"}', run({ n: 4 })])]);
  expect(counted(report.runs)).toEqual({ added: 4 });
  expect(report).toMatchObject({ damaged_lines: 3, unnamed_problems: 0 });
  expect(report.problems.map(({ kind, line }) => [kind, line])).toEqual([
    ["damaged", 1],
    ["damaged", 3],
    ["damaged", 5],
  ]);
  expect((await records()).map(({ n }) => n)).toEqual([1, 2, 3, 4]);
  expect(await take([file(Array.from({ length: 250 }, () => "torn"))])).toMatchObject({
    damaged_lines: 250,
    problems: { length: 100 },
    unnamed_problems: 150,
  });
});

test("a run belongs to whom its record names, or its folder, or whoever is asked for", async () => {
  const { take, records } = setUp();
  const lines = [run({ agent: "writer", n: 1 }), run({ n: 2 })];
  expect(counted((await take([file(lines, { kind: "any", agent: undefined })])).runs)).toEqual({
    added: 1,
    refused: 1,
  });
  expect(await records("writer")).toEqual([run({ agent: "writer", n: 1 })]);
  await take([file(lines, { kind: "any", agent: "folder" })]);
  expect(await records("folder")).toEqual([run({ agent: "folder", n: 2 })]);
  await take([file(lines, { kind: "any" })], { agent: "asked" });
  expect(await records("asked")).toEqual([run({ agent: "asked", n: 1 }), run({ agent: "asked", n: 2 })]);
  // In a store it is the folder that counts.
  await take([file(lines)]);
  expect((await records()).map(({ n, agent }) => [n, agent])).toEqual([
    [1, REVIEWER],
    [2, undefined],
  ]);
});

test("names that cannot be an agent's here are refused, each run of them counted", async () => {
  const { kaizen, take } = setUp();
  const report = await take([
    file([run(), run()], { agent: "../up" }),
    file([run()], { agent: "Writer" }),
    file([run()], { agent: "writer" }),
  ]);
  expect(counted(report.runs)).toEqual({ added: 1, refused: 3 });
  expect(await kaizen.agentNames()).toEqual(["Writer"]);
  expect(await codeOf(take([], { agent: "optimizer" }))).toBe("INVALID_AGENT");
  expect(await codeOf(take([], { agent: "wRiter" }))).toBe("INVALID_AGENT");
});

const verification = {
  agent: REVIEWER,
  execution_id: idOf(1),
  success: false,
  verified_by: "human",
  timestamp: "2026-11-22T09:00:00Z",
  claimed: true,
  executed_at: YESTERDAY,
};

test("verifications come along with their runs, once, and never in the place of a later one", async () => {
  const { kaizen, take } = setUp();
  const runs = file([run({ id: idOf(1) })]);
  const verifications = file(
    [
      verification,
      { ...verification, execution_id: idOf(2) },
      { ...verification, executed_at: "2026-01-01T00:00:00Z" },
      "torn",
    ],
    {
      kind: "verifications",
      name: "verifications",
    },
  );
  const dryRunSeen = await take([runs, verifications], { isDryRun: true });
  const report = await take([runs, verifications]);
  expect(counted(report.verifications)).toEqual({ added: 1, expired: 1, unknown_run: 1 });
  expect(dryRunSeen.verifications).toEqual(report.verifications);
  expect(report.problems.map(({ file, kind, line }) => [file, kind, line])).toEqual([
    ["verifications", "damaged", 4],
    ["verifications", "unknown_run", 2],
  ]);
  expect((await kaizen.summary(REVIEWER)).overview.verified.verified).toEqual({ runs: 1, successes: 0 });
  const earlier = { ...verification, success: true, timestamp: "2026-11-22T08:00:00Z" };
  const again = await take([file([verification, earlier], { kind: "verifications" })]);
  expect(counted(again.verifications)).toEqual({ already_there: 1, outdated: 1 });
});

test("a dry run counts a verification of a run to come once, whichever sources bring it", async () => {
  const { take } = setUp();
  const verifications = file([verification, verification], { kind: "verifications", name: "verifications" });
  const source = [file([run({ id: idOf(1) })]), verifications, verifications];
  const dryRun = await take(source, { isDryRun: true });
  expect(counted(dryRun.verifications)).toEqual({ added: 1, already_there: 3 });
  expect((await take(source)).verifications).toEqual(dryRun.verifications);
});

test("in a file of any lines a verification is a verification, and no run", async () => {
  const { take, records } = setUp();
  const report = await take([
    file([run({ id: idOf(1), agent: REVIEWER }), verification], { kind: "any", agent: undefined }),
  ]);
  expect(counted(report.runs)).toEqual({ added: 1 });
  expect(counted(report.verifications)).toEqual({ added: 1 });
  expect(await records()).toHaveLength(1);
});

test("recommendations come along with what became of them, and the report where there is none", async () => {
  const there = setUp();
  const advice = { agent: "reviewer", title: "Read the tests first" };
  const { recommendation_ids } = await there.kaizen.writeAnalysis({
    report: { by: "there" },
    recommendations: [advice],
  });
  const [id = ""] = recommendation_ids;
  await there.kaizen.updateRecommendation({ id, status: "adopted" });
  const { entries, events } = await there.store.advice.readAdvice();
  const lines = (values: readonly object[]) => values.map((value) => JSON.stringify(value));
  const source = [
    file([...lines(entries), "torn"], { kind: "entries" }),
    file(lines(events), { kind: "events" }),
    file(['{"by":', '"there"}'], { kind: "analysis" }),
  ];
  const here = setUp();
  const report: ImportReport = await here.take(source);
  expect(report).toMatchObject({
    recommendations: { added: 1, already_there: 0 },
    recommendation_changes: { added: 2, already_there: 0 },
    analysis: "added",
    damaged_lines: 1,
  });
  expect(await here.kaizen.recommendations()).toEqual(await there.kaizen.recommendations());
  expect(await here.take(source)).toMatchObject({
    recommendations: { added: 0, already_there: 1 },
    recommendation_changes: { added: 0, already_there: 2 },
    analysis: "already_there",
  });
  await here.kaizen.writeAnalysis({ report: { by: "us" } });
  expect(await here.take(source)).toMatchObject({ analysis: "kept_ours" });
  expect(await here.kaizen.analysis()).toEqual({ by: "us" });
});

test("an agent that is there under a name that we would not give can be imported to", async () => {
  const { store, take } = setUp();
  const odd = agentNamed("odd/name".replace("/", "~"));
  await appendRun(store.runs, odd, { record: run(), reported: run() });
  expect(counted((await take([file([run({ n: 1 })], { agent: odd })])).runs)).toEqual({ added: 1 });
});
