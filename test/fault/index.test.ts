import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
import type { JsonObject } from "../../src/domain/text/json.ts";
import { comparableOverview } from "../contract/comparable.ts";
import { logPath, readLogStrictly, writeForeignLines } from "../support/foreign-writer.ts";
import { idOf, viewOf } from "../support/histories.ts";
import { interceptedFileSystem } from "../support/intercepted-file-system.ts";
import { openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { clockAt, codeOf, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun, findRun, knowsRun, scanRuns } from "../support/single-calls.ts";

const clock = clockAt();

function records(from: number, to: number): JsonObject[] {
  return Array.from({ length: to - from }, (_, index) => {
    const n = from + index;
    const at = clock.now() - 25 * DAY_MS + (n * DAY_MS) / 1000;
    const key = n % 3 === 0 ? { idempotency_key: `key ${n}` } : {};
    return {
      id: idOf(1000 + n),
      success: n % 7 !== 0,
      quality_score: (n % 10) / 10,
      timestamp: formatInstant(at),
      ...key,
    };
  });
}

/** A log of so many runs with an index that covers nearly all of them, written in several steps, by two stores in turns. */
async function indexedHistory(runs: number): Promise<string> {
  const root = fastTemporaryFolder();
  const makeRun = runMaker(clock);
  const store = openJsonl(root, { now: clock.now }).runs;
  const beside = openJsonl(root, { now: clock.now }).runs;
  const steps = 4;
  for (let step = 0; step < steps; step += 1) {
    writeForeignLines(root, REVIEWER, records((step * runs) / steps, ((step + 1) * runs) / steps));
    await appendRun(step % 2 === 0 ? store : beside, REVIEWER, makeRun());
  }
  await store.close();
  await beside.close();
  return root;
}

async function expectEverything(root: string): Promise<void> {
  const { runs: executions } = openJsonl(root, { now: clock.now });
  const log = readLogStrictly(root, REVIEWER);
  const expected = comparableOverview({ view: await viewOf(log), unreadable: 0 });
  expect(comparableOverview(await executions.overview(REVIEWER))).toEqual(expected);
  const byId = new Map((await scanRuns(executions, REVIEWER)).map(({ execution }) => [execution.id, execution.record]));
  const makeRun = runMaker(clock, 500);
  for (const n of [0, 3, 3000, 7998]) {
    const first = log.find((record) => record.idempotency_key === `key ${n}`);
    const { id: _, timestamp: __, agent: ___, ...reported } = first ?? {};
    expect(await appendRun(executions, REVIEWER, makeRun(reported))).toMatchObject({
      duplicate: true,
      execution: { id: first?.id },
    });
    expect(
      await codeOf(appendRun(executions, REVIEWER, makeRun({ idempotency_key: `key ${n}`, notes: "other" }))),
    ).toBe("KEY_CONFLICT");
    expect(await knowsRun(executions, REVIEWER, String(first?.id))).toBe(true);
    expect(byId.get(String(first?.id))).toEqual(first);
  }
  expect((await appendRun(executions, REVIEWER, makeRun({ idempotency_key: "key 1" }))).duplicate).toBe(false);
  await executions.close();
}

describe("the index beside a log", () => {
  test("gives a store that was just opened the figures and the keys of the whole history", async () => {
    await expectEverything(await indexedHistory(8000));
  });

  test("lets a store that was just opened read next to nothing, however long the history is", async () => {
    const bytesRead = async (runs: number) => {
      const root = await indexedHistory(runs);
      let bytes = 0;
      const fileSystem = interceptedFileSystem((call) => {
        const answer = call.proceed();
        if (call.name === "readSync") bytes += Number(answer);
        return answer;
      });
      const { runs: executions } = openJsonl(root, { now: clock.now, fileSystem });
      await appendRun(executions, REVIEWER, runMaker(clock, 100)({ idempotency_key: "new" }));
      await executions.overview(REVIEWER);
      return { bytes, log: readFileSync(logPath(root, REVIEWER)).length };
    };
    const [short, long] = [await bytesRead(10_000), await bytesRead(40_000)];
    expect(long.log).toBeGreaterThan(3 * short.log);
    // Filters grow with the history, at ten bits a run; the log is not read again.
    expect(long.bytes).toBeLessThan(long.log / 10);
    expect(long.bytes - short.bytes).toBeLessThan((long.log - short.log) / 50);
  });

  test("may be merged and swept away by another process while a store goes on with the old one", async () => {
    const root = fastTemporaryFolder();
    const makeRun = runMaker(clock);
    const one = openJsonl(root, { now: clock.now }).runs;
    const other = openJsonl(root, { now: clock.now }).runs;
    // Few lines with many bytes: an index is due at every append, and its small files are merged at once.
    const grow = (n: number) => {
      const large = { n, success: true, timestamp: formatInstant(clock.now()), notes: "x".repeat(600_000) };
      writeForeignLines(root, REVIEWER, [large]);
    };
    for (let round = 0; round < 5; round += 1) {
      grow(round);
      const keyed = { idempotency_key: `key ${round}`, success: true };
      const first = await appendRun(one, REVIEWER, makeRun(keyed));
      grow(round);
      await appendRun(other, REVIEWER, makeRun());
      expect(await knowsRun(one, REVIEWER, String(first.execution.id))).toBe(true);
      expect(await findRun(one, REVIEWER, String(first.execution.id))).toEqual(first.execution);
      grow(round);
      await appendRun(other, REVIEWER, makeRun());
      expect(await appendRun(one, REVIEWER, makeRun(keyed))).toMatchObject({
        duplicate: true,
        execution: first.execution,
      });
    }
  });

  test("is believed by a process that sees the folder on another device, as in a container", async () => {
    const root = await indexedHistory(8000);
    let bytes = 0;
    const fileSystem = interceptedFileSystem((call) => {
      const answer = call.proceed();
      if (call.name === "readSync") bytes += Number(answer);
      if (/^f?l?statSync$/.test(call.name) && answer instanceof Object && "dev" in answer) {
        answer.dev = typeof answer.dev === "bigint" ? answer.dev + 1n : Number(answer.dev) + 1;
      }
      return answer;
    });
    await appendRun(openJsonl(root, { now: clock.now, fileSystem }).runs, REVIEWER, runMaker(clock, 100)());
    expect(bytes).toBeLessThan(readFileSync(logPath(root, REVIEWER)).length / 4);
    await expectEverything(root);
  });

  test("that a neighbour has swept away is replaced by the neighbour's, and the log is not read again", async () => {
    const root = await indexedHistory(8000);
    let bytes = 0;
    const fileSystem = interceptedFileSystem((call) => {
      const answer = call.proceed();
      if (call.name === "readSync") bytes += Number(answer);
      return answer;
    });
    const one = openJsonl(root, { now: clock.now, fileSystem }).runs;
    const neighbour = openJsonl(root, { now: clock.now }).runs;
    const segments = () =>
      readdirSync(join(dirname(logPath(root, REVIEWER)), ".index")).filter((name) => /^keys-/.test(name));
    const known = await one.overview(REVIEWER);
    const before = segments();
    // As much again as there is, so that what one process knows is merged into what the other writes.
    writeForeignLines(root, REVIEWER, records(8000, 16_000));
    await appendRun(neighbour, REVIEWER, runMaker(clock, 100)());
    expect(segments().filter((name) => before.includes(name))).toEqual([]);
    bytes = 0;
    const first = readLogStrictly(root, REVIEWER).find((record) => record.idempotency_key === "key 3");
    expect(await knowsRun(one, REVIEWER, String(first?.id))).toBe(true);
    const log = readFileSync(logPath(root, REVIEWER)).length;
    // What was added is read, and the filters of the new index; not what stood there before.
    expect(bytes).toBeLessThan(0.75 * log);
    bytes = 0;
    expect((await one.overview(REVIEWER)).view.tally.runs).toBe(known.view.tally.runs + 8001);
    expect(bytes).toBeLessThan(log / 50);
    expect((await findRun(one, REVIEWER, String(first?.id)))?.record).toEqual(first);
  });

  const damages: Record<string, (path: string) => void> = {
    removed: (path) => rmSync(path),
    emptied: (path) => truncateSync(path, 0),
    "cut in half": (path) => truncateSync(path, Math.floor(readFileSync(path).length / 2)),
    "changed in its middle": (path) => changeByte(path, 0.5),
    "changed at its beginning": (path) => changeByte(path, 0),
    "changed at its end": (path) => changeByte(path, 0.999),
    "another file altogether": (path) => writeFileSync(path, "not an index\n".repeat(1000)),
  };

  test.each(Object.entries(damages))(
    "is made again where a file of it was %s, and no figure is different",
    async (_, damage) => {
      // What is damaged first is made again; what is damaged next has to be among what is there then.
      for (const pattern of [/^checkpoint\.json$/, /^keys-/]) {
        const root = await indexedHistory(8000);
        const folder = join(dirname(logPath(root, REVIEWER)), ".index");
        const names = readdirSync(folder).filter((name) => pattern.test(name));
        expect(names).not.toEqual([]);
        for (const name of names) damage(join(folder, name));
        await expectEverything(root);
      }
    },
  );
});

function changeByte(path: string, at: number): void {
  const bytes = readFileSync(path);
  const place = Math.floor((bytes.length - 1) * at);
  bytes[place] = (bytes[place] ?? 0) ^ 0x10;
  writeFileSync(path, bytes);
}
