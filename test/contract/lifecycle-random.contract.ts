import fc from "fast-check";
import { expect, test } from "vitest";
import { formatInstant } from "../../src/domain/run/time.ts";
import type { LifecycleOverview, LifecycleStore } from "../../src/storage/store.ts";
import { createMemoryStore } from "../oracle/memory.ts";
import { clockAt, REVIEWER } from "../support/runs.ts";
import { type HarmedPlace, seeded } from "./harmed-place.ts";

const RETENTION_DAYS = 30;
const store = fc.constantFrom(0, 1);

const operations = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant("see" as const),
        store,
        key: fc.constantFrom("a", "b", "c", "d", "e", "f"),
        event: fc.constantFrom("started" as const, "ended" as const),
        reported: fc.boolean(),
        // Long enough that a few are a checkpoint.
        type: fc.constantFrom("", "é".repeat(3000)),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("advance" as const), days: fc.constantFrom(0.3, 1, 9, 31) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("reopen" as const), store }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("dropIndex" as const, "garbage" as const) }) },
  ),
  { maxLength: 40 },
);

/** In no order: a run that is another under an old key stands elsewhere. */
function comparable(overview: LifecycleOverview | undefined) {
  return overview && { ...overview.seen, unreported: [...overview.seen.unreported].sort() };
}

export function describeRandomLifecycle(name: string, newPlace: () => HarmedPlace, runs: number): void {
  test(`two stores on ${name} say of lifecycle events what the memory store says, after any sequence of operations`, {
    timeout: 600_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(operations, async (sequence) => {
        const place = newPlace();
        const clock = clockAt();
        const memory = createMemoryStore({ now: clock.now, retentionDays: RETENTION_DAYS }).lifecycle;
        const open = () => place.open({ now: clock.now, retentionDays: RETENTION_DAYS }).lifecycle;
        const onDisk: [LifecycleStore, LifecycleStore] = [open(), open()];
        let damaged = 0;
        for (const operation of sequence) {
          if (operation.do === "see") {
            const { key, event: name, reported, type } = operation;
            const more = { ...(reported ? { reported } : {}), ...(type === "" ? {} : { agent_type: type }) };
            const event = { key, event: name, timestamp: formatInstant(clock.now()), ...more };
            const seen = await memory.observe(REVIEWER, event);
            expect(await (onDisk[operation.store] ?? onDisk[0]).observe(REVIEWER, event)).toEqual(seen);
          } else if (operation.do === "advance") clock.advanceDays(operation.days);
          else if (operation.do === "reopen") onDisk[operation.store === 0 ? 0 : 1] = open();
          else if (operation.do === "dropIndex") place.dropIndex?.();
          else if (place.harm?.("lifecycle", "<<<<<<< HEAD\n")) damaged += 1;
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
