import { appendFileSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { logPath } from "../support/foreign-writer.ts";
import { idOf } from "../support/histories.ts";
import { damagedLinesOf, openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { clockAt, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun, findRun } from "../support/single-calls.ts";

/** Ways in which a log comes to end within a record, by what is known of it beside it. */
const deaths = {
  "a writer died within the record, after the index was made": (log: string, whole: Buffer, cut: number) => {
    appendFileSync(log, whole.subarray(0, cut));
  },
  "a writer died within the record, and there is no index": (log: string, whole: Buffer, cut: number) => {
    appendFileSync(log, whole.subarray(0, cut));
    rmSync(join(dirname(log), ".index"), { recursive: true, force: true });
  },
  "the file was cut off behind the back of the index": (log: string, whole: Buffer, cut: number, end: number) => {
    appendFileSync(log, whole);
    truncateSync(log, end + cut);
  },
};

/** Whether a cut here leaves no other kind of end than the cut before it: a word that had begun, and goes on. */
function isDeepInWord(record: Buffer, cut: number): boolean {
  return /^[0-9a-z]{3}$/i.test(record.subarray(cut - 2, cut + 1).toString("latin1"));
}

describe.each(Object.entries(deaths))("where %s", (_, die) => {
  test("at any byte, of a word at its first two, every record before it is read, and the next append loses nothing else", async () => {
    const clock = clockAt();
    const root = fastTemporaryFolder();
    const log = logPath(root, REVIEWER);
    const makeRun = runMaker(clock);
    const writer = openJsonl(root, { now: clock.now }).runs;
    await appendRun(writer, REVIEWER, makeRun());
    await appendRun(writer, REVIEWER, makeRun({ idempotency_key: "k" }));
    const { length: end } = readFileSync(log);
    await appendRun(writer, REVIEWER, makeRun({ notes: "é \u2028", "": { nested: "}{" } }));
    const last = readFileSync(log).subarray(end);
    const later = makeRun();

    const cuts = Array.from(last.keys()).filter((cut) => !isDeepInWord(last, cut));
    expect(cuts.length).toBeGreaterThan(60);
    for (const cut of cuts) {
      truncateSync(log, end);
      // What the writer knows at this moment is what it had learnt before the record.
      await appendRun(writer, REVIEWER, makeRun({ idempotency_key: "k" }));
      die(log, last, cut, end);
      for (const reader of [openJsonl(root, { now: clock.now }).runs, writer]) {
        // A record that lacks no more than its newline is whole.
        const whole = cut === last.length - 1 ? [idOf(3)] : [];
        const { executions } = await reader.page(REVIEWER, { filter: {}, limit: 10 });
        expect(executions.map(({ id }) => id)).toEqual([...whole, idOf(2), idOf(1)]);
        expect(await reader.overview(REVIEWER)).toMatchObject({
          unreadable: 0,
          view: { tally: { runs: 2 + whole.length } },
        });
        expect(await damagedLinesOf(root, REVIEWER, clock.now)).toEqual([]);
      }
      const next = openJsonl(root, { now: clock.now }).runs;
      const { overview } = await appendRun(next, REVIEWER, later);
      const torn = cut > 0 && cut < last.length - 1 ? 1 : 0;
      expect(overview).toMatchObject({
        unreadable: torn,
        view: { tally: { runs: cut === last.length - 1 ? 4 : 3 } },
      });
      expect(await damagedLinesOf(root, REVIEWER, clock.now)).toHaveLength(torn);
      expect(await findRun(writer, REVIEWER, later.record.id as string)).toBeDefined();
      await next.close();
    }
  });
});
