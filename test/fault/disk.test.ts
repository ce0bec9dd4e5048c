import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { readLogStrictly } from "../support/foreign-writer.ts";
import { openJsonl } from "../support/jsonl.ts";
import { clockAt, codeOf, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun } from "../support/single-calls.ts";
import { mountSmallDisk } from "../support/small-disk.ts";

const probe = mountSmallDisk(64);
probe?.remove();

describe.skipIf(probe === undefined)("on a disk of its own", () => {
  function setUp(sizeKb: number) {
    const disk = mountSmallDisk(sizeKb);
    if (disk === undefined) throw new Error("a disk could be mounted a moment ago");
    onTestFinished(() => disk.remove());
    const clock = clockAt();
    const { runs: executions, advice: optimizer } = openJsonl(disk.path, { now: clock.now });
    return { clock, disk, executions, optimizer, makeRun: runMaker(clock) };
  }

  test("that its own runs have filled, nothing torn is left behind, however often it is tried", async () => {
    const { disk, executions, optimizer, makeRun } = setUp(256);
    const acknowledged: unknown[] = [];
    const notes = "n".repeat(3000);
    let refusals = 0;
    // Refusals are repeated: each has to leave the log as it was, not only the first.
    while (refusals < 10) {
      const run = makeRun({ notes });
      try {
        await appendRun(executions, REVIEWER, run);
        acknowledged.push(run.record.id);
      } catch (error) {
        expect(error).toMatchObject({ name: "KaizenError", code: "DISK_FULL" });
        refusals += 1;
      }
    }
    expect(acknowledged.length).toBeGreaterThan(20);
    expect(readLogStrictly(disk.path, REVIEWER).map(({ id }) => id)).toEqual(acknowledged);
    expect(await executions.overview(REVIEWER)).toMatchObject({ view: { tally: { runs: acknowledged.length } } });
    const report = { report: "x".repeat(300_000) };
    expect(await codeOf(optimizer.writeAnalysis(report))).toBe("DISK_FULL");
    expect(readdirSync(join(disk.path, ".kaizen/metrics/optimizer"))).toEqual([]);
  });

  test("that has room for a report, but not for its advice, both stay as they were", async () => {
    const { disk, optimizer } = setUp(256);
    const entry = { timestamp: "2026-11-22T10:00:00Z", agent: REVIEWER, metrics_count: 1, recommendations: [] };
    const event = { id: "rec_1", timestamp: entry.timestamp, execution_count: 1, after_execution: null };
    await optimizer.writeAnalysis({ report: "old" }, { entries: [entry], events: [{ ...event, change: "proposed" }] });
    const folder = join(disk.path, ".kaizen/metrics/optimizer");
    const content = () => readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]);
    const before = content();
    const advice = {
      entries: [{ ...entry, recommendations: [{ title: "t".repeat(300_000) }] }],
      events: [{ ...event, change: "adopted" as const }],
    };
    expect(await codeOf(optimizer.writeAnalysis({ report: "new" }, advice))).toBe("DISK_FULL");
    expect(content()).toEqual(before);
  });

  test("that somebody else has filled, a refused run is recorded once when it is sent again", async () => {
    const { clock, disk, executions, makeRun } = setUp(256);
    await appendRun(executions, REVIEWER, makeRun());
    const filler = join(disk.path, "filler");
    expect(() => writeFileSync(filler, Buffer.alloc(1024 * 1024))).toThrow("ENOSPC");
    const run = makeRun({ idempotency_key: "k", notes: "n".repeat(8000) });
    expect(await codeOf(appendRun(executions, REVIEWER, run))).toBe("DISK_FULL");
    expect((await executions.overview(REVIEWER)).view.tally.runs).toBe(1);
    // No process that is refused leaves anything, however many there are.
    const owners = join(disk.path, ".kaizen/metrics/.locks/owners");
    const before = readdirSync(owners);
    const others = [1, 2, 3].map(() => openJsonl(disk.path, { now: clock.now }));
    for (const { runs } of others) expect(await codeOf(appendRun(runs, REVIEWER, run))).toBe("DISK_FULL");
    expect(readdirSync(owners)).toEqual(before);
    rmSync(filler);
    expect(await appendRun(executions, REVIEWER, run)).toMatchObject({ duplicate: false });
    expect(await appendRun(executions, REVIEWER, run)).toMatchObject({ duplicate: true });
    expect(readLogStrictly(disk.path, REVIEWER)).toHaveLength(2);
  });

  test("that is read-only, reading works, and writing is refused until it may be written again", async () => {
    const { clock, disk, executions, optimizer, makeRun } = setUp(256);
    await appendRun(executions, REVIEWER, makeRun());
    disk.remount("ro");
    const later = openJsonl(disk.path, { now: clock.now });
    for (const store of [executions, later.runs]) {
      expect((await store.overview(REVIEWER)).view.tally.runs).toBe(1);
      expect((await store.page(REVIEWER, { filter: {}, limit: 5 })).executions).toHaveLength(1);
      expect(await codeOf(appendRun(store, REVIEWER, makeRun()))).toBe("READ_ONLY");
      const isOfPrune = expect.stringContaining("while pruning the log of reviewer; nothing was written");
      await expect(store.prune(REVIEWER)).rejects.toMatchObject({ code: "READ_ONLY", message: isOfPrune });
    }
    expect(await codeOf(optimizer.writeAnalysis({}))).toBe("READ_ONLY");
    disk.remount("rw");
    await appendRun(executions, REVIEWER, makeRun());
    await appendRun(later.runs, REVIEWER, makeRun());
    expect(readLogStrictly(disk.path, REVIEWER)).toHaveLength(3);
  });
});
