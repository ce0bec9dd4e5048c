import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { logPath, writeForeignText } from "../support/foreign-writer.ts";
import { damagedLinesOf, openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { clockAt, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun } from "../support/single-calls.ts";

const clock = clockAt();
const expired = '{"success": true, "timestamp": "2020-01-01T00:00:00Z"}\n';

function run(n: number, more = ""): string {
  return `{"n": ${n}, "success": true, "timestamp": "2026-11-22T09:0${n}:00Z"${more}}`;
}

/** What stands between two good runs, how many runs can be read in it, and how many lines of it are lost or mended. */
const middles: Record<string, { bytes: string | Buffer; runs: number; lost?: number; mended?: number }> = {
  "a record torn in the middle": { bytes: '{"success": true, "timest\n', runs: 0, lost: 1 },
  "the end of a torn record": { bytes: '26-11-22T09:00:00Z"}\n', runs: 0, lost: 1 },
  "a torn record with a whole one glued to it": { bytes: `{"success": tr${run(3)}\n`, runs: 1, lost: 1 },
  "two records glued together": { bytes: `${run(3)}${run(4)}\n`, runs: 2, mended: 1 },
  "three records with spaces between": { bytes: `${run(3)} ${run(4)}  ${run(5)}\n`, runs: 3, mended: 1 },
  "NaN and Infinity for numbers": {
    bytes: `${run(3, ', "quality_score": NaN, "execution_time_s": -Infinity')}\n`,
    runs: 1,
  },
  "NaN and Infinity in a text": { bytes: `${run(3, ', "notes": "NaN, \\"Infinity"')}\n`, runs: 1 },
  "a byte order mark": { bytes: `\ufeff${run(3)}\n`, runs: 1 },
  "a carriage return at the end": { bytes: `${run(3)}\r\n`, runs: 1 },
  "blank lines": { bytes: "\n \n\r\n", runs: 0 },
  "the markers of a git merge": {
    bytes: `<<<<<<< HEAD\n${run(3)}\n=======\n${run(4)}\n>>>>>>> theirs\n`,
    runs: 2,
    lost: 3,
  },
  "bytes that are not UTF-8": { bytes: Buffer.from([0x7b, 0xff, 0xfe, 0x22, 0x7d, 0x0a]), runs: 0, lost: 1 },
  "half a character, cut by a crash": {
    bytes: Buffer.from(`${run(3, ', "notes": "é')}`).subarray(0, -1),
    runs: 0,
    lost: 1,
  },
  "line separators of Unicode in a text": { bytes: `${run(3, ', "notes": "a\u2028b\u2029c\u0085d"')}\n`, runs: 1 },
  "an object without success": { bytes: '{"timestamp": "2026-11-22T09:00:00Z"}\n', runs: 0, lost: 1 },
  "a text for success": { bytes: '{"success": "false", "timestamp": "2026-11-22T09:00:00Z"}\n', runs: 0, lost: 1 },
  "JSON that is no object": { bytes: '[1]\n"text"\nnull\n', runs: 0, lost: 3 },
  "zero bytes, as a power cut leaves them": { bytes: Buffer.alloc(64, 0), runs: 0, lost: 1 },
  "a timestamp without an offset": { bytes: '{"success": 1, "timestamp": "2026-11-22T09:00:00"}\n', runs: 1 },
  "a timestamp as a number": { bytes: '{"success": 0, "timestamp": 1795341600.5}\n', runs: 1 },
  "a key that a run before it has": {
    bytes: `${run(3, ', "idempotency_key": "k"')}\n${run(4, ', "idempotency_key": "k"')}\n`,
    runs: 1,
  },
  "an object in a torn record that looks like a run": { bytes: '{"a": {"success": true}, "b\n', runs: 0, lost: 1 },
  "braces and quotes in texts": { bytes: `${run(3, ', "notes": "}{\\\\\\""')}${run(4)}\n`, runs: 2, mended: 1 },
};

describe.each(Object.entries(middles))("%s in a log", (_, { bytes, runs, lost = 0, mended = 0 }) => {
  function setUp() {
    const root = fastTemporaryFolder();
    writeForeignText(root, REVIEWER, `${run(1)}\n`);
    writeForeignText(root, REVIEWER, bytes);
    // Where the bytes end without a newline, what comes next begins with one, as our own writer does it.
    writeForeignText(root, REVIEWER, `${Buffer.from(bytes).at(-1) === 0x0a ? "" : "\n"}${run(2)}\n${expired}`);
    return { root, store: openJsonl(root, { now: clock.now }).runs };
  }

  test("stops nothing else from being read, and is counted and named", async () => {
    const { root, store } = setUp();
    expect(await store.overview(REVIEWER)).toMatchObject({ unreadable: lost, view: { tally: { runs: runs + 2 } } });
    const { executions } = await store.page(REVIEWER, { filter: {}, limit: 10 });
    expect(executions).toHaveLength(runs + 2);
    expect([executions.at(-1)?.record.n, executions[0]?.record.n]).toEqual([1, 2]);
    const damage = await damagedLinesOf(root, REVIEWER, clock.now);
    expect(damage.filter((line) => line.lost)).toHaveLength(lost);
    for (const { line, reason } of damage) {
      expect(line).toBeGreaterThan(1);
      expect(reason).not.toBe("");
    }
  });

  test("stays byte for byte through an append and a prune", async () => {
    const { root, store } = setUp();
    await appendRun(store, REVIEWER, runMaker(clock)());
    await store.prune(REVIEWER);
    const log = readFileSync(logPath(root, REVIEWER));
    expect(log.includes(Buffer.from(bytes))).toBe(true);
    expect(log.includes(expired)).toBe(false);
    expect((await store.overview(REVIEWER)).view.tally.runs).toBe(runs + 3);
  });

  test("is set right by a repair, which loses no byte that it does not understand", async () => {
    const { root, store } = setUp();
    const before = readFileSync(logPath(root, REVIEWER));
    expect(await store.repair(REVIEWER)).toEqual({ quarantined: lost, mended });
    if (lost + mended === 0) expect(readFileSync(logPath(root, REVIEWER))).toEqual(before);
    expect((await damagedLinesOf(root, REVIEWER, clock.now)).filter((line) => line.lost)).toEqual([]);
    expect(await store.overview(REVIEWER)).toMatchObject({ unreadable: 0, view: { tally: { runs: runs + 2 } } });
    const quarantine = join(dirname(logPath(root, REVIEWER)), "executions.quarantine");
    expect(existsSync(quarantine)).toBe(lost > 0);
    if (lost === 1) expect(readFileSync(quarantine).includes(Buffer.from(bytes))).toBe(true);
    expect(await store.repair(REVIEWER)).toEqual({ quarantined: 0, mended: 0 });
  });
});
