import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { summarise } from "../../src/domain/figures/summary.ts";
import type { Finding } from "../../src/storage/health.ts";
import { describeThisProcess, encodeOwner } from "../../src/storage/jsonl/lock/owner.ts";
import { writeForeignLines } from "../support/foreign-writer.ts";
import { idOf } from "../support/histories.ts";
import { fileSystemError, interceptedFileSystem } from "../support/intercepted-file-system.ts";
import { openJsonl } from "../support/jsonl.ts";
import { passWaits } from "../support/passed-waits.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { clockAt, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun, verifyRun } from "../support/single-calls.ts";

const RUN = '{"success": true, "timestamp": "2026-11-22T09:00:00Z"}';
const folder = ".kaizen/metrics/reviewer";
const optimizer = ".kaizen/metrics/optimizer";

/** A store with a bit of everything in it. */
async function setUp(clock = clockAt()) {
  passWaits();
  const root = fastTemporaryFolder();
  const open = () => openJsonl(root, { now: clock.now, lockTimeoutMs: 2000 });
  const store = open();
  const makeRun = runMaker(clock);
  for (let run = 0; run < 3; run += 1) await appendRun(store.runs, REVIEWER, makeRun());
  const verification = {
    execution_id: idOf(1),
    success: true,
    verified_by: "ci",
    timestamp: "2026-11-22T10:00:00Z",
  } as const;
  await verifyRun(store.runs, REVIEWER, verification);
  await store.lifecycle.observe(REVIEWER, { key: "k", event: "started", timestamp: "2026-11-22T10:00:00Z" });
  await store.evidence.note(REVIEWER, { key: "k", timestamp: "2026-11-22T10:00:00Z", cost_usd: null });
  await store.advice.writeAnalysis({ a: 1 });
  const entry = { timestamp: "2026-11-22T10:00:00Z", agent: REVIEWER, metrics_count: 3, recommendations: [] };
  const event = {
    id: "rec_1",
    change: "proposed",
    timestamp: entry.timestamp,
    execution_count: 3,
    after_execution: null,
  };
  await store.advice.merge({ entries: [entry], events: [{ ...event, change: "proposed" }] });
  const put = (path: string, content: string | Buffer) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  const add = (path: string, content: string | Buffer) => put(path, Buffer.concat([read(path), Buffer.from(content)]));
  const read = (path: string) => (existsSync(join(root, path)) ? readFileSync(join(root, path)) : Buffer.alloc(0));
  const examine = async () => (await open().files.examine(() => {})).findings;
  return { root, clock, store, makeRun, open, put, add, read, examine };
}

type Place = Awaited<ReturnType<typeof setUp>>;

function everyByte(root: string): string {
  const names = readdirSync(root, { recursive: true, encoding: "utf8" }).sort();
  return names.map((name) => `${name} ${statText(join(root, name))}`).join("\n");
}

function statText(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "folder";
  }
}

test("a store that nobody harmed is sound, and examining it changes nothing", async () => {
  const { root, store, examine } = await setUp();
  const before = everyByte(root);
  expect(await examine()).toEqual([]);
  const { agents, files, bytes } = await store.files.examine(() => {});
  expect([agents, files > 5, bytes > 500]).toEqual([1, true, true]);
  expect(everyByte(root)).toBe(before);
});

test("what doctor itself has put there in order to repair is not counted", async () => {
  const { add, open, root, store } = await setUp();
  await store.runs.close();
  const { files: health } = open();
  const { files, bytes } = await health.examine(() => {});
  add(log, "torn\n");
  await health.repair((await health.examine(() => {})).findings, () => {});
  expect(readdirSync(join(root, ".kaizen/metrics/.locks/owners"))).toHaveLength(1);
  const after = await health.examine(() => {});
  // The quarantine, and no other.
  expect([after.files, after.bytes]).toEqual([files + 1, bytes + "torn\n".length]);
});

test("a store that is not there yet is sound, and stays not there", async () => {
  const root = fastTemporaryFolder();
  const { files: health } = openJsonl(root, { now: clockAt().now });
  expect(await health.examine(() => {})).toEqual({ findings: [], unnamed: [], agents: 0, files: 0, bytes: 0 });
  expect(readdirSync(root)).toEqual([]);
});

/** What is done to a file, what is found there, and where the bytes are afterwards that could not be read. */
interface Harm {
  readonly to: string;
  readonly by: (place: Place) => void;
  readonly found: Partial<Finding>;
  readonly kept?: { readonly in: string; readonly bytes: string | Buffer };
}

const torn = '{"success": true, "timest';
const log = `${folder}/executions.jsonl`;

const mendable: Record<string, Harm> = {
  "a last line without its newline": {
    to: log,
    by: ({ add }) => add(log, RUN),
    found: { kind: "damage", line: 4, lost: false, reason: "the last line has no newline" },
    kept: { in: log, bytes: `${RUN}\n` },
  },
  "a summary of other figures": {
    to: `${folder}/summary.json`,
    by: ({ put, read }) => {
      const path = `${folder}/summary.json`;
      put(path, read(path).toString().replace('"execution_count": 3', '"execution_count": 4'));
    },
    found: {
      kind: "damage",
      lost: false,
      reason: "it counts 4 runs, and the log has 3 that have not expired",
    },
  },
  "a summary that is torn": {
    to: `${folder}/summary.json`,
    by: ({ put }) => put(`${folder}/summary.json`, "{"),
    found: { kind: "damage", lost: false, reason: "it is not a JSON object" },
  },
  "a verification that is none": {
    to: `${folder}/verifications.jsonl`,
    by: ({ add }) => add(`${folder}/verifications.jsonl`, "<<<<<<< HEAD\n"),
    found: { kind: "damage", line: 2, lost: true, reason: "it is not a verification" },
    kept: { in: `${folder}/verifications.quarantine`, bytes: "<<<<<<< HEAD\n" },
  },
  "a lifecycle event that is none": {
    to: `${folder}/lifecycle.jsonl`,
    by: ({ add }) => add(`${folder}/lifecycle.jsonl`, "{}"),
    found: { kind: "damage", line: 2, lost: true, reason: "it is not a lifecycle event" },
    kept: { in: `${folder}/lifecycle.quarantine`, bytes: "{}\n" },
  },
  "evidence that is none": {
    to: `${folder}/evidence.jsonl`,
    by: ({ add }) => add(`${folder}/evidence.jsonl`, '{"v": 1, "key": "k"}\n'),
    found: { kind: "damage", line: 2, lost: true, reason: "it is not evidence of a run" },
    kept: { in: `${folder}/evidence.quarantine`, bytes: '{"v": 1, "key": "k"}\n' },
  },
  "an analysis that is no object": {
    to: `${optimizer}/analysis.json`,
    by: ({ put }) => put(`${optimizer}/analysis.json`, '{"a": 1'),
    found: { kind: "damage", lost: true, reason: "it is not a JSON object" },
    kept: { in: `${optimizer}/analysis.quarantine`, bytes: '{"a": 1' },
  },
  "an entry of recommendations that is none": {
    to: `${optimizer}/recommendations.jsonl`,
    by: ({ add }) => add(`${optimizer}/recommendations.jsonl`, '{"agent": "a"}\n'),
    found: { kind: "damage", line: 2, lost: true },
    kept: { in: `${optimizer}/recommendations.quarantine`, bytes: '{"agent": "a"}\n' },
  },
  "a change of a recommendation that is none": {
    to: `${optimizer}/recommendation-events.jsonl`,
    by: ({ add }) => add(`${optimizer}/recommendation-events.jsonl`, "=======\n"),
    found: { kind: "damage", line: 2, lost: true },
    kept: { in: `${optimizer}/recommendation-events.quarantine`, bytes: "=======\n" },
  },
  "an index with a wrong checksum": {
    to: `${folder}/.index/checkpoint.json`,
    by: ({ put }) => put(`${folder}/.index/checkpoint.json`, "00000000\n{}\n"),
    found: { kind: "damage", lost: false, reason: "its checksum is wrong" },
  },
  "a part of an index that is damaged": {
    to: `${folder}/.index/keys-0123456789ab.idx`,
    by: ({ put }) => put(`${folder}/.index/keys-0123456789ab.idx`, "not an index"),
    found: { kind: "damage", lost: false, reason: "its checksum is wrong" },
  },
  "a file under way": {
    to: `${folder}/summary.json.tmp-1-1`,
    by: ({ put }) => put(`${folder}/summary.json.tmp-1-1`, "{"),
    found: { kind: "leftover", reason: "a file under way, whose writer was killed" },
  },
  "a rewrite under way": {
    to: `${folder}/executions.jsonl.rewrite-0123456789ab`,
    by: ({ put }) => put(`${folder}/executions.jsonl.rewrite-0123456789ab`, RUN),
    found: { kind: "leftover" },
  },
  "a report under way": {
    to: `${optimizer}/analysis.json.tmp-1-1`,
    by: ({ put }) => put(`${optimizer}/analysis.json.tmp-1-1`, "{"),
    found: { kind: "leftover" },
  },
  "a lock whose holder is gone": {
    to: ".kaizen/metrics/.locks/reviewer.lock",
    by: ({ put }) => {
      const gone = { ...describeThisProcess("n"), pid: 999_999_999, startedTicks: "1" };
      put(".kaizen/metrics/.locks/reviewer.lock", encodeOwner(gone));
      put(".kaizen/metrics/.locks/owners/999999999-n", encodeOwner(gone));
    },
    found: { kind: "leftover", reason: "the lock of process 999999999, which is gone" },
  },
  "lines that were added late to a log that was rewritten": {
    to: `${folder}/executions.jsonl.drain-0-330-0123abcd`,
    by: ({ put }) => put(`${folder}/executions.jsonl.drain-0-330-0123abcd`, `${RUN}\n`),
    found: { kind: "damage", lost: true },
    kept: { in: log, bytes: `${RUN}\n` },
  },
};

describe.each(Object.entries(mendable))("%s", (_, { by, found, kept, to }) => {
  test("is found where it is, and set right without losing a byte", async () => {
    const place = await setUp();
    const { length } = place.read(to);
    by(place);
    const before = (await place.examine()).filter(({ file }) => file === to);
    expect(before).toEqual([expect.objectContaining(found)]);
    expect(before[0]?.offset).toBe(found.line === undefined ? undefined : length);
    expect(await place.open().files.repair(await place.examine(), () => {})).toEqual([]);
    expect((await place.examine()).filter(({ kind }) => kind !== "remark")).toEqual([]);
    if (kept !== undefined) expect(place.read(kept.in).includes(kept.bytes)).toBe(true);
    const { view } = await place.open().runs.overview(REVIEWER);
    expect(view.tally.runs).toBeGreaterThanOrEqual(3);
  });
});

test("damaged lines of a log are found one by one, and set right without losing a byte", async () => {
  // By this machine's clock, for an old file stays for so long as somebody may have it open.
  const { add, examine, open, read, root } = await setUp({ now: () => Date.now(), advanceDays() {} });
  const lines = [`${torn}\n`, `${RUN}${RUN}\n`, Buffer.from([0xff, 0xfe, 0x0a]), `${RUN}\n`, torn];
  const offsets = lines.map((line) => {
    const { length } = read(log);
    add(log, line);
    return length;
  });
  const found = (await examine()).filter(({ file }) => file === log);
  expect(found.map(({ line, offset, lost, reason }) => [line, offset, lost, reason])).toEqual([
    [4, offsets[0], true, "it is not JSON (torn, or damaged)"],
    [5, offsets[1], false, "several records stand on one line"],
    [6, offsets[2], true, "it is not UTF-8"],
    [8, offsets[4], true, "it is not JSON (torn, or damaged)"],
  ]);
  expect(await open().files.repair(await examine(), () => {})).toEqual([]);
  expect((await examine()).filter(({ kind }) => kind !== "remark")).toEqual([]);
  expect(read(`${folder}/executions.quarantine`)).toEqual(
    Buffer.concat([Buffer.from(`${torn}\n`), Buffer.from([0xff, 0xfe, 0x0a]), Buffer.from(`${torn}\n`)]),
  );
  expect(read(log).includes(`${RUN}\n${RUN}\n${RUN}\n`)).toBe(true);
  expect(readdirSync(join(root, folder)).filter((name) => /drain|rewrite|tmp/.test(name))).toEqual([]);
});

test("evidence of a later version is no damage, and stays where it is", async () => {
  const { add, examine, open, read } = await setUp();
  const path = `${folder}/evidence.jsonl`;
  const later = '{"agent": "reviewer", "key": {"of": "another form"}, "v": 2}\n';
  add(path, `${later}torn\n`);
  expect((await examine()).map(({ file, line }) => [file, line])).toEqual([[path, 3]]);
  await open().files.repair(await examine(), () => {});
  expect(read(path).toString().split("\n").slice(1).join("\n")).toBe(later);
  expect(await open().evidence.overview(REVIEWER)).toMatchObject({ seen: { totals: { runs: 1 } }, unreadable: 0 });
});

test("a line that is JSON, and no object, is not called torn", async () => {
  const { add, examine } = await setUp();
  for (const line of ["[1]", "null", "5", '"x"', "[1"]) add(log, `${line}\n`);
  const reasons = (await examine()).filter(({ file }) => file === log).map(({ reason }) => reason);
  expect(reasons).toEqual([...Array(4).fill("it is JSON, but not an object"), "it is not JSON (torn, or damaged)"]);
});

describe("what no repair can set right", () => {
  test("is a file that may not be read: it is said in our words", async () => {
    const { clock, root } = await setUp();
    const fileSystem = interceptedFileSystem((call) => {
      if (call.name === "openSync" && call.args[0] === join(root, log)) throw fileSystemError("EACCES", "open");
      return call.proceed();
    });
    const { findings } = await openJsonl(root, { now: clock.now, fileSystem }).files.examine(() => {});
    const reasons = findings.filter(({ file }) => file === log).map(({ reason }) => reason);
    expect(new Set(reasons)).toEqual(new Set(["it may not be read (EACCES)"]));
  });

  test("is a file that is too large to be read: the others are looked at all the same", async () => {
    const { add, clock, root } = await setUp();
    add(log, "torn\n");
    const fileSystem = interceptedFileSystem((call) => {
      if (call.name === "openSync" && call.args[0] === join(root, folder, "summary.json")) {
        throw Object.assign(new RangeError("out of range"), { code: "ERR_OUT_OF_RANGE" });
      }
      return call.proceed();
    });
    const { findings } = await openJsonl(root, { now: clock.now, fileSystem }).files.examine(() => {});
    expect(findings.map(({ file, reason }) => [file, reason])).toEqual([
      [log, "it is not JSON (torn, or damaged)"],
      [`${folder}/summary.json`, "it cannot be read (ERR_OUT_OF_RANGE)"],
    ]);
  });

  test("is a link: it is named, with what to do, and what it leads to is left alone", async () => {
    const { root, open, examine, put } = await setUp();
    const outside = fastTemporaryFolder();
    writeFileSync(join(outside, "secret"), "as it was");
    put(".kaizen/metrics/linked/executions.jsonl", `${RUN}\n`);
    symlinkSync(join(outside, "secret"), join(root, ".kaizen/metrics/linked/summary.json"));
    symlinkSync(outside, join(root, ".kaizen/metrics/away"));
    const findings = await examine();
    expect(findings.map(({ file, kind, repair }) => [file, kind, repair])).toEqual([
      [".kaizen/metrics/away", "damage", undefined],
      [".kaizen/metrics/linked/summary.json", "damage", undefined],
    ]);
    for (const { advice } of findings) expect(advice).toContain("move it away");
    await open().files.repair(findings, () => {});
    expect(await examine()).toEqual(findings);
    expect(readFileSync(join(outside, "secret"), "utf8")).toBe("as it was");
  });

  test("is two agents whose names some file systems take for one", async () => {
    const { root, examine } = await setUp();
    writeForeignLines(root, "Reviewer", [{ success: true }]);
    const [found] = (await examine()).filter(({ kind }) => kind === "damage");
    expect(found).toMatchObject({ file: folder, lost: false });
    expect(found?.advice).toContain("kaizen-metrics import .kaizen/metrics/reviewer --agent Reviewer");
  });

  test("keeps nothing else from being repaired, and is told", async () => {
    const { root, open, add, examine, put } = await setUp();
    add(log, "torn\n");
    symlinkSync(join(fastTemporaryFolder(), "none"), join(root, `${folder}/executions.quarantine`));
    put(".kaizen/metrics/other/verifications.jsonl", "torn\n");
    const failures = await open().files.repair(await examine(), () => {});
    expect(failures.map(({ code }) => code)).toEqual(["UNSAFE_PATH"]);
    const left = (await examine()).filter(({ lost, line }) => lost && line !== undefined);
    expect(left.map(({ file }) => file)).toEqual([log]);
  });
});

test("numbers that are not JSON are worth knowing, and no damage: every reader of the format understands them", async () => {
  const { add, examine } = await setUp();
  add(log, '{"success": true, "timestamp": "2026-11-22T09:00:00Z", "quality_score": NaN}\n');
  const findings = (await examine()).filter(({ file }) => file === log);
  expect(findings).toEqual([expect.objectContaining({ kind: "remark", line: 4, lost: false })]);
});

test("what no agent can have put there is mentioned, is no damage, and is never touched", async () => {
  const { root, open, add, put, examine } = await setUp();
  const paths = ["team/alpha/executions.jsonl", "..x/executions.jsonl", "reviewer/old/executions.jsonl", "notes.txt"];
  for (const path of paths) put(`.kaizen/metrics/${path}`, "torn\n");
  put(".kaizen/metrics/.DS_Store", "of a file manager");
  const findings = await examine();
  expect(findings.map(({ file, kind, repair }) => [file, kind, repair])).toEqual([
    [".kaizen/metrics/..x", "remark", undefined],
    [".kaizen/metrics/notes.txt", "remark", undefined],
    [".kaizen/metrics/reviewer/old", "remark", undefined],
    [".kaizen/metrics/team/alpha", "remark", undefined],
  ]);
  add(log, "torn\n");
  await open().files.repair(await examine(), () => {});
  for (const path of paths) expect(readFileSync(join(root, ".kaizen/metrics", path), "utf8")).toBe("torn\n");
});

test("a summary is not wrong because runs have expired since it was written", async () => {
  const clock = clockAt(Date.now() - 29 * 86_400_000);
  const { examine, store, makeRun } = await setUp(clock);
  clock.advanceDays(29);
  await appendRun(store.runs, REVIEWER, makeRun());
  expect(await examine()).toEqual([]);
  clock.advanceDays(2);
  expect((await store.runs.overview(REVIEWER)).view.tally.runs).toBe(1);
  expect(await examine()).toEqual([]);
});

test("a summary is not wrong because its writer keeps runs for longer", async () => {
  const { root, clock, examine, makeRun } = await setUp();
  const keeper = openJsonl(root, { now: clock.now, retentionDays: null });
  writeForeignLines(root, REVIEWER, [{ success: true, timestamp: "2020-01-01T00:00:00Z" }]);
  await appendRun(keeper.runs, REVIEWER, makeRun());
  expect(await examine()).toEqual([]);
});

test("of very many damaged lines the first are named, and the others counted", async () => {
  const { store, add } = await setUp();
  add(log, "torn\n".repeat(250));
  const { findings, unnamed } = await store.files.examine(() => {});
  expect(findings.filter(({ line }) => line !== undefined)).toHaveLength(100);
  expect(unnamed).toEqual([{ file: log, lines: 150 }]);
});

test("a store is sound while others write to it: first the log, and a moment later what is derived of it", async () => {
  const { root, clock, open, examine, put } = await setUp();
  let isOver = false;
  const writeAsTheReference = async () => {
    while (!isOver) {
      writeForeignLines(root, REVIEWER, [{ success: true, timestamp: new Date(clock.now()).toISOString() }]);
      await delay(5);
      const { runs: executions } = open();
      const { view } = await executions.overview(REVIEWER);
      put(`${folder}/summary.json`, JSON.stringify(summarise(REVIEWER, view)));
      await executions.close();
    }
  };
  const writing = writeAsTheReference();
  for (let looks = 0; looks < 4; looks += 1) {
    expect((await examine()).filter(({ kind }) => kind !== "remark")).toEqual([]);
  }
  isOver = true;
  await writing;
});

test("says how far it has come", async () => {
  const { store } = await setUp();
  const steps: string[] = [];
  await store.files.examine((file, done, total) => steps.push(`${file} ${done <= total}`));
  expect(new Set(steps)).toEqual(new Set([`${log} true`]));
});
