import { addToHistory, emptyHistory, type HistoryView, viewWhole } from "../../../domain/history/history.ts";
import { matchesFilter } from "../../../domain/run/filter.ts";
import { addVerification, type VerifiedRun } from "../../../domain/verification/verification.ts";
import { type VerifiedView, viewVerified } from "../../../domain/verification/verified-view.ts";
import type { Rows, RunReader } from "./reading.ts";

/** Sums up the runs that a filter picks by what their records say: all of them are read. */
export async function scanFiltered(
  reader: RunReader,
  { cutoff, filter }: Rows,
): Promise<{ view: HistoryView; verified: VerifiedView }> {
  const history = emptyHistory();
  const said = new Map<string, VerifiedRun>();
  for (let after: number | undefined = 0; after !== undefined; ) {
    const { next, runs } = await reader.someAfter(after, Number.MAX_SAFE_INTEGER, cutoff);
    const picked = runs.filter(({ execution }) => matchesFilter(execution, filter));
    for (const { execution, seq } of picked) addToHistory(history, execution, seq);
    const last = await reader.lastVerifications(picked.map(({ execution }) => execution.id));
    for (const [id, verification] of last) said.set(id, addVerification(undefined, verification));
    after = next;
  }
  return { view: viewWhole(history), verified: viewVerified(said.values(), () => true) };
}
