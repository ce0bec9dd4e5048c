import fc from "fast-check";
import { expect, test } from "vitest";
import { evidenceFlagSchema, type Facts, type NewEvidence, seenSchema } from "../../src/domain/evidence/evidence.ts";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
import type { EvidenceOverview, EvidenceStore } from "../../src/storage/store.ts";
import { createMemoryStore } from "../oracle/memory.ts";
import { clockAt, REVIEWER } from "../support/runs.ts";
import { type HarmedPlace, seeded } from "./harmed-place.ts";

const RETENTION_DAYS = 30;
const store = fc.constantFrom(0, 1);
const count = fc.constantFrom(0, 1, 7, 1_000_003);

/** Facts of so many runs, as long as they can be, that a snapshot is due. */
const blobs = Array.from({ length: 100 }, (_, index) => index.toString(16).padStart(12, "0"));
const commits = Array<string>(20).fill("a".repeat(64));
const many = Array.from({ length: 45 }, (_, run) => ({ key: `many-${run}`, blobs, commits, tools: run }));

const facts: fc.Arbitrary<Facts> = fc.record(
  {
    seen: fc.constantFrom(...seenSchema.options),
    flags: fc.uniqueArray(fc.constantFrom(...evidenceFlagSchema.options)),
    cost_usd: fc.constantFrom(null, 0, 0.1, 0.2, 0.3, 1e-9, 12.345678901),
    duration_s: fc.constantFrom(0.1, 60),
    tokens: fc.record({ input: count, output: count, cache_read: count, cache_write: count }),
    tools: count,
    tool_errors: count,
    denied: count,
    shared: fc.constant(true as const),
  },
  { requiredKeys: [] },
);

const operations = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant("note" as const),
        store,
        key: fc.constantFrom("a", "b", "c", "d", "e", "f"),
        facts,
        ended: fc.boolean(),
        /** So many days before it is noted; mostly that is not known. */
        daysBefore: fc.constantFrom(undefined, undefined, 0, 1, 29, 40),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant("advance" as const), days: fc.constantFrom(0.1, 0.3, 1, 9, 31) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("reopen" as const, "many" as const), store }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constantFrom("dropIndex" as const, "garbage" as const, "later" as const) }),
    },
  ),
  { maxLength: 40 },
);

const lines = {
  garbage: "<<<<<<< HEAD\n",
  later: '{"agent": "reviewer", "first_seen": "2026-11-22T10:00:00Z", "key": "a", "news": {}, "v": 2}\n',
};

/** The sum of doubles is no decimal fraction; in billionths it is. */
function comparable(overview: EvidenceOverview | undefined) {
  if (overview === undefined) return undefined;
  const { recent, totals } = overview.seen;
  const measured = Object.entries(totals.measured).map(([name, { runs, sum }]) => [name, runs, Math.round(sum * 1e9)]);
  return { recent, totals: { ...totals, measured } };
}

export function describeRandomEvidence(name: string, newPlace: () => HarmedPlace, runs: number): void {
  test(`two stores on ${name} say of evidence what the memory store says, after any sequence of operations`, {
    timeout: 600_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(operations, async (sequence) => {
        const place = newPlace();
        const clock = clockAt();
        const memory = createMemoryStore({ now: clock.now, retentionDays: RETENTION_DAYS }).evidence;
        const open = () => place.open({ now: clock.now, retentionDays: RETENTION_DAYS }).evidence;
        const onDisk: [EvidenceStore, EvidenceStore] = [open(), open()];
        const note = async (store: number, evidence: NewEvidence) => {
          const known = await memory.note(REVIEWER, evidence);
          expect(await onDisk[store === 0 ? 0 : 1].note(REVIEWER, evidence)).toEqual(known);
        };
        let damaged = 0;
        for (const operation of sequence) {
          if (operation.do === "note") {
            const { daysBefore, ended, facts, key } = operation;
            const now = formatInstant(clock.now());
            const evidence = {
              key,
              timestamp: now,
              ...facts,
              ...(ended ? { ended: now } : {}),
              ...(daysBefore === undefined ? {} : { first_seen: formatInstant(clock.now() - daysBefore * DAY_MS) }),
            };
            await note(operation.store, evidence);
          } else if (operation.do === "many") {
            const timestamp = formatInstant(clock.now());
            for (const facts of many) await note(operation.store, { ...facts, timestamp });
          } else if (operation.do === "advance") clock.advanceDays(operation.days);
          else if (operation.do === "reopen") onDisk[operation.store === 0 ? 0 : 1] = open();
          else if (operation.do === "dropIndex") place.dropIndex?.();
          else if (place.harm?.("evidence", lines[operation.do]) && operation.do === "garbage") damaged += 1;
          const expected = comparable(await memory.overview(REVIEWER));
          for (const one of onDisk) {
            const overview = await one.overview(REVIEWER);
            expect(comparable(overview)).toEqual(expected);
            expect(overview?.unreadable ?? 0).toBe(damaged);
            expect(await one.find(REVIEWER, "a")).toEqual(await memory.find(REVIEWER, "a"));
          }
        }
      }),
      seeded(runs),
    );
  });
}
