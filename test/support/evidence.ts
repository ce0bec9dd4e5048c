import type { EvidenceTotals } from "../../src/domain/evidence/evidence-history.ts";
import type { EvidenceOverview } from "../../src/storage/store.ts";

/** The totals without what is nothing, so that a test says only what it is about. */
export function countsOf(overview: Pick<EvidenceOverview, "seen"> | undefined): Record<string, unknown> | undefined {
  if (overview === undefined) return undefined;
  const { ended, flags, measured, runs, seen, unpriced }: EvidenceTotals = overview.seen.totals;
  const sums = Object.entries(measured).filter(([, { runs: some }]) => some > 0);
  return {
    runs,
    ended,
    ...(unpriced === 0 ? {} : { unpriced }),
    ...withoutNothing(seen),
    ...withoutNothing(flags),
    ...Object.fromEntries(sums.map(([name, { runs: some, sum }]) => [name, [some, sum]])),
  };
}

function withoutNothing(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}
