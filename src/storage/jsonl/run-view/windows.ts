import { type FailureNote, noteFailure, WINDOW_FAILURES } from "../../../domain/figures/failures.ts";
import {
  type HistoryView,
  type RecentRun,
  recentRun,
  WINDOW_RUNS,
  WINDOW_SCORES,
} from "../../../domain/figures/history.ts";
import type { Tally } from "../../../domain/figures/tally.ts";
import type { ExecutionFilter } from "../../../domain/run/filter.ts";
import { linesBackwards, readLineAt } from "../journal/lines.ts";
import { pick, type Snapshot } from "./scan.ts";

/** What the counters tell of some runs, and where in the log they stand. */
export interface CountedRuns {
  readonly tally: Tally;
  readonly firstPlace: number;
  readonly lastPlace: number;
}

/**
 * The view of runs that are counted already, with the last of them read back from the log: no further than the counters say
 * that there are any, and no further than the windows are wide.
 */
export async function readWindows(
  snapshot: Snapshot,
  filter: ExecutionFilter,
  { firstPlace, lastPlace, tally }: CountedRuns,
): Promise<HistoryView> {
  const recent: RecentRun[] = [];
  const scores: number[] = [];
  const failures: FailureNote[] = [];
  const isComplete = () =>
    recent.length >= Math.min(WINDOW_RUNS, tally.runs) &&
    scores.length >= Math.min(WINDOW_SCORES, tally.quality.count) &&
    failures.length >= Math.min(WINDOW_FAILURES, tally.runs - tally.successes);
  let ordinal = tally.runs;
  const { fd, fileSystem, size } = snapshot;
  const end = tally.runs === 0 ? 0 : Math.min(size, lastPlace + readLineAt(fileSystem, fd, lastPlace).length + 1);
  for await (const { bytes, start } of linesBackwards(fileSystem, fd, end)) {
    if (start < firstPlace || isComplete()) break;
    for (const { execution } of pick(snapshot, filter, bytes, start)) {
      if (recent.length < WINDOW_RUNS) recent.push(recentRun(execution, ordinal));
      if (execution.quality !== undefined && scores.length < WINDOW_SCORES) scores.push(execution.quality);
      if (!execution.success && failures.length < WINDOW_FAILURES) failures.push(noteFailure(execution, ordinal));
      ordinal -= 1;
    }
  }
  return { tally, recent: recent.reverse(), recentQuality: scores.reverse(), failures: failures.reverse() };
}
