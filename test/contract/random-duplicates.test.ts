import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
import type { JsonObject } from "../../src/domain/text/json.ts";
import type { RunStore } from "../../src/storage/store.ts";
import { logPath, writeForeignText } from "../support/foreign-writer.ts";
import { idOf } from "../support/histories.ts";
import { openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { clockAt, REVIEWER } from "../support/runs.ts";
import { appendRun, scanRuns } from "../support/single-calls.ts";

/**
 * Runs with the same key or id in one log, as two histories that were merged hold them, or as a writer leaves them that
 * looks nothing up. Whoever is asked, and whatever was known before, answers as if the log were read by hand.
 */

const RETENTION_DAYS = 30;
const LARGE = "x".repeat(300_000);

interface Written {
  readonly at: number;
  readonly key?: string;
  readonly id?: string;
}

/** The log read by hand: of the runs that have not expired each counts that shares nothing with one that does. */
function countedBy(written: readonly Written[], now: number): Written[] {
  const counted: Written[] = [];
  for (const run of written.filter(({ at }) => at >= now - RETENTION_DAYS * DAY_MS)) {
    const isDuplicate = counted.some(
      ({ key, id }) => (key !== undefined && key === run.key) || (id !== undefined && id === run.id),
    );
    if (!isDuplicate) counted.push(run);
  }
  return counted;
}

interface ImportedRun {
  readonly ageDays: number;
  readonly key?: number;
  readonly id?: number;
  readonly isLarge?: boolean;
}

type Step =
  /** Glued to one another, or without a newline at their end, for which the next writer may not look. */
  | { do: "write"; runs: readonly ImportedRun[]; areGlued: boolean; isEnded: boolean }
  | { do: "append"; key: number }
  | { do: "wait"; days: number }
  | { do: "prune" | "dropIndex" };

const run: fc.Arbitrary<ImportedRun> = fc.record(
  { ageDays: fc.constantFrom(0, 1, 10, 20, 29.5, 31), key: fc.nat(2), id: fc.nat(2), isLarge: fc.boolean() },
  { requiredKeys: ["ageDays"] },
);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant("write" as const),
        runs: fc.array(run, { minLength: 1, maxLength: 3 }),
        areGlued: fc.boolean(),
        isEnded: fc.boolean(),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("append" as const), key: fc.nat(2) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("wait" as const), days: fc.constantFrom(0.6, 1, 9, 11, 20) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("prune" as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("dropIndex" as const) }) },
  ),
  { maxLength: 14, size: "max" },
);

const write = { do: "write" as const, areGlued: false, isEnded: true };
const first = { ageDays: 29.5, key: 0 };
const again = { ageDays: 10, key: 0 };
const large = { ageDays: 0, isLarge: true };
const histories: Step[][] = [
  // The run that counted expires: for a store that knew both, and for one that starts from what is kept beside the log.
  [
    { ...write, runs: [first, again] },
    { do: "wait", days: 0.6 },
    { do: "append", key: 0 },
  ],
  [
    { ...write, runs: [first, again, large, large] },
    { do: "append", key: 1 },
    { do: "wait", days: 0.6 },
  ],
  [
    { ...write, runs: [again] },
    { ...write, runs: [again], isEnded: false },
  ],
  [{ ...write, runs: [{ ...first, ageDays: 31 }, again], areGlued: true }],
  // A run that counts stands on a line with one that does not, whose id another has later.
  [
    {
      ...write,
      runs: [
        { ageDays: 0, key: 0 },
        { ageDays: 0, key: 0, id: 1 },
        { ageDays: 29.5, id: 1 },
      ],
      areGlued: true,
    },
    { do: "wait", days: 0.6 },
    { ...write, runs: [{ ageDays: 0, id: 1 }] },
  ],
];

async function timesIn(store: RunStore): Promise<Record<string, number[] | number>> {
  const { view } = await store.overview(REVIEWER);
  const { view: filtered } = await store.overview(REVIEWER, { success: true });
  const page = await store.page(REVIEWER, { filter: {}, limit: 1000 });
  const walked: number[] = [];
  walked.push(...(await scanRuns(store, REVIEWER)).map(({ execution }) => execution.at ?? 0));
  return {
    overview: view.recent.map(({ at }) => at ?? 0),
    tally: view.tally.runs,
    filtered: filtered.recent.map(({ at }) => at ?? 0),
    page: page.executions.map(({ at }) => at ?? 0).reverse(),
    walked,
  };
}

test("of several runs with one identity the first live one counts, for a store that just started and for one that runs", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (history) => {
      const root = fastTemporaryFolder();
      const clock = clockAt();
      const open = () => openJsonl(root, { now: clock.now, retentionDays: RETENTION_DAYS }).runs;
      const running = open();
      const written: Written[] = [];
      const note = (record: Written) => {
        written.push(record);
        const { at, key, id } = record;
        const named: JsonObject = { success: true, timestamp: formatInstant(at) };
        if (key !== undefined) named.idempotency_key = key;
        if (id !== undefined) named.id = id;
        return named;
      };
      for (const step of history) {
        if (step.do === "write") {
          const texts = step.runs.map(({ ageDays, key, id, isLarge }) => {
            const named: { at: number; key?: string; id?: string } = { at: clock.now() - ageDays * DAY_MS };
            if (key !== undefined) named.key = `k${key}`;
            if (id !== undefined) named.id = idOf(id);
            return JSON.stringify({ ...note(named), notes: isLarge === true ? LARGE : "" });
          });
          writeForeignText(root, REVIEWER, texts.join(step.areGlued ? "" : "\n") + (step.isEnded ? "\n" : ""));
        } else if (step.do === "append") {
          const key = `k${step.key}`;
          const isKnown = countedBy(written, clock.now()).some((other) => other.key === key);
          const id = idOf(1000 + written.length);
          const record = { success: true, timestamp: formatInstant(clock.now()), idempotency_key: key, id };
          const reported = { success: true, idempotency_key: key };
          // A key that is taken by a run that says something else is refused.
          const outcome = await appendRun(running, REVIEWER, { record, reported }).catch((error: unknown) => error);
          expect(outcome).toMatchObject(isKnown ? {} : { duplicate: false });
          if (isKnown) expect(outcome).not.toMatchObject({ duplicate: false });
          if (!isKnown) note({ at: clock.now(), key, id });
        } else if (step.do === "wait") clock.advanceDays(step.days);
        else if (step.do === "prune") await running.prune(REVIEWER);
        else rmSync(join(dirname(logPath(root, REVIEWER)), ".index"), { recursive: true, force: true });

        if (written.length === 0) continue;
        const expected = countedBy(written, clock.now()).map(({ at }) => at);
        const answers = {
          overview: expected,
          tally: expected.length,
          filtered: expected,
          page: expected,
          walked: expected,
        };
        const fresh = open();
        expect(await timesIn(running)).toEqual(answers);
        expect(await timesIn(fresh)).toEqual(answers);
        await fresh.close();
      }
      await running.close();
    }),
    { numRuns: 30, examples: histories.map((history): [Step[]] => [history]) },
  );
});
