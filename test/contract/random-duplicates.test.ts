import { existsSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
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
/** Three of these are enough for an index. */
const LARGE = "x".repeat(180_000);

interface Written {
  readonly at: number;
  readonly key?: string | undefined;
  readonly id?: string | undefined;
}

function isLive({ at }: Written, now: number): boolean {
  return at >= now - RETENTION_DAYS * DAY_MS;
}

/** The log read by hand: each run counts that shares nothing with an earlier one that does, and that was live when it ended. */
function countedBy(written: readonly Written[]): Written[] {
  const counted: Written[] = [];
  for (const run of written) if (!counted.some((earlier) => isRepeated(earlier, run))) counted.push(run);
  return counted;
}

function isRepeated(earlier: Written, { at, key, id }: Written): boolean {
  const isShared = (key !== undefined && earlier.key === key) || (id !== undefined && earlier.id === id);
  return isShared && isLive(earlier, at);
}

/** The runs that stand in the log, however they are glued to one another. */
function readByHand(root: string): Written[] {
  if (!existsSync(logPath(root, REVIEWER))) return [];
  const texts = readFileSync(logPath(root, REVIEWER), "utf8").replaceAll("}{", "}\n{").split("\n");
  return texts
    .filter((text) => text !== "")
    .map((text) => JSON.parse(text))
    .map(({ timestamp, idempotency_key: key, id }) => ({ at: Date.parse(timestamp), key, id }));
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
  | { do: "append"; key: number; ageDays?: number }
  | { do: "wait"; days: number }
  | { do: "prune" | "dropIndex" };

const run: fc.Arbitrary<ImportedRun> = fc.record(
  { ageDays: fc.constantFrom(0, 1, 10, 20, 29.5, 31), key: fc.nat(2), id: fc.nat(2), isLarge: fc.boolean() },
  { requiredKeys: ["ageDays"] },
);
const append = fc.record({
  do: fc.constant("append" as const),
  key: fc.nat(2),
  ageDays: fc.constantFrom(0, 0, 0, 10, 29.5),
});
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
    { weight: 2, arbitrary: append },
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
    { ...write, runs: [first, again, large, large, large] },
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
  // The run that repeats an expired one stands behind the last newline.
  [
    { ...write, runs: [{ ageDays: 31, key: 1 }, { ageDays: 0 }], isEnded: false },
    { ...write, runs: [{ ageDays: 1, key: 1 }], isEnded: false },
    { do: "prune" },
  ],
  // A run that repeats an expired one is not repeated itself, nor does it count once the expired one could leave.
  [{ ...write, runs: [first, again] }, { do: "wait", days: 1 }, { do: "append", key: 0 }, { do: "prune" }],
  [
    { ...write, runs: [first] },
    { ...write, runs: [{ ...first, ageDays: 20 }, again, { ageDays: 0, key: 1 }], areGlued: true },
    { do: "wait", days: 9 },
    { do: "append", key: 0 },
    { do: "wait", days: 11 },
    { do: "prune" },
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

test("of several runs with one identity the first counts until it has expired, for a store that just started and for one that runs", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (history) => {
      const root = fastTemporaryFolder();
      const clock = clockAt();
      const open = () => openJsonl(root, { now: clock.now, retentionDays: RETENTION_DAYS }).runs;
      const running = open();
      let ordinal = 1000;
      for (const step of history) {
        const written = readByHand(root);
        if (step.do === "write") {
          const runs = step.runs.map(({ ageDays, key, id }) => ({
            at: clock.now() - ageDays * DAY_MS,
            key: key === undefined ? undefined : `k${key}`,
            id: id === undefined ? undefined : idOf(id),
          }));
          const texts = runs.map(({ at, key, id }, n) => {
            const named = { success: true, timestamp: formatInstant(at), idempotency_key: key, id };
            return JSON.stringify({ ...named, notes: step.runs[n]?.isLarge === true ? LARGE : "" });
          });
          writeForeignText(root, REVIEWER, texts.join(step.areGlued ? "" : "\n") + (step.isEnded ? "\n" : ""));
          written.push(...runs);
        } else if (step.do === "append") {
          ordinal += 1;
          const run = { at: clock.now() - (step.ageDays ?? 0) * DAY_MS, key: `k${step.key}`, id: idOf(ordinal) };
          const isKnown = countedBy(written).some((earlier) => isRepeated(earlier, run));
          const reported = { success: true, idempotency_key: run.key };
          const record = { ...reported, timestamp: formatInstant(run.at), id: run.id };
          // A key that is taken by a run that says something else is refused.
          const outcome = await appendRun(running, REVIEWER, { record, reported }).catch((error: unknown) => error);
          expect(outcome).toMatchObject(isKnown ? {} : { duplicate: false });
          if (isKnown) expect(outcome).not.toMatchObject({ duplicate: false });
          if (!isKnown) written.push(run);
        } else if (step.do === "wait") clock.advanceDays(step.days);
        else if (step.do === "prune") await running.prune(REVIEWER);
        else rmSync(join(dirname(logPath(root, REVIEWER)), ".index"), { recursive: true, force: true });

        if (written.length === 0) continue;
        const liveOf = (runs: Written[]) =>
          countedBy(runs)
            .filter((run) => isLive(run, clock.now()))
            .map(({ at }) => at);
        const expected = liveOf(written);
        // What has left the log makes no difference.
        expect(liveOf(readByHand(root))).toEqual(expected);
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
    { numRuns: 20, examples: histories.map((history): [Step[]] => [history]) },
  );
});
