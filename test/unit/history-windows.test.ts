import fc from "fast-check";
import { expect, test } from "vitest";
import { readRun } from "../../src/adr004/run-line.ts";
import { addToHistory, emptyHistory, viewHistory, viewWhole } from "../../src/domain/history/history.ts";
import { emptyTally } from "../../src/domain/history/tally.ts";
import type { Execution } from "../../src/domain/run/execution.ts";
import { hasExpired } from "../../src/domain/run/retention.ts";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";

function runsOn(days: readonly (number | null)[]): Execution[] {
  return days.flatMap((day, n) => {
    const timestamp = day === null ? null : formatInstant(day * DAY_MS);
    return readRun({ success: n % 3 === 0, quality_score: (n % 7) / 7, error: "e", timestamp }) ?? [];
  });
}

/** What is live at a cutoff, by a history of all runs; days are never cut through here. */
async function viewAt(runs: readonly Execution[], cutoff: number) {
  const history = emptyHistory();
  for (const [place, run] of runs.entries()) addToHistory(history, run, place);
  return viewHistory(history, cutoff, async () => emptyTally());
}

function withoutOrdinals({ recent, recentQuality, failures }: Awaited<ReturnType<typeof viewWhole>>) {
  return {
    recent: recent.map(({ ordinal: _, ...run }) => run),
    recentQuality,
    failures: failures.map(({ ordinal: _, ...failure }) => failure),
  };
}

const day = fc.option(fc.nat(8), { freq: 10 });
/** Blocks of lines, each of one day, as merges and careless writers leave them. */
const blocks = fc.array(fc.tuple(day, fc.constantFrom(1, 9, 90, 250, 400)), { maxLength: 8 });

test("the windows are those of the live runs alone, whatever the order of the log, or are said to lack some", async () => {
  await fc.assert(
    fc.asyncProperty(blocks, fc.nat(9), async (parts, oldestDay) => {
      const runs = runsOn(parts.flatMap(([on, count]) => Array<number | null>(count).fill(on)));
      const cutoff = oldestDay * DAY_MS;
      const found = await viewAt(runs, cutoff);
      const live = emptyHistory();
      for (const [place, run] of runs.entries()) if (!hasExpired(run.at, cutoff)) addToHistory(live, run, place);
      if (found !== undefined) expect(withoutOrdinals(found)).toEqual(withoutOrdinals(viewWhole(live)));
    }),
    { numRuns: 200 },
  );
});

test("old runs behind newer ones, however many, push nothing out of the windows", async () => {
  const runs = runsOn([...Array<number>(300).fill(9), ...Array<number>(5000).fill(1)]);
  expect((await viewAt(runs, 5 * DAY_MS))?.recent.map(({ ordinal }) => ordinal)).toEqual(
    Array.from({ length: 200 }, (_, n) => 101 + n),
  );
});
