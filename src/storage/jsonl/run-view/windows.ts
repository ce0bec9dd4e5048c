import type { HistoryView } from "../../../domain/history/history.ts";
import type { Tally } from "../../../domain/history/tally.ts";
import { WindowsReadBack } from "../../../domain/history/windows-read-back.ts";
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
  const windows = new WindowsReadBack(tally);
  const { fd, fileSystem, size } = snapshot;
  const end = tally.runs === 0 ? 0 : Math.min(size, lastPlace + readLineAt(fileSystem, fd, lastPlace).length + 1);
  for await (const { bytes, start } of linesBackwards(fileSystem, fd, end)) {
    if (start < firstPlace || windows.isComplete) break;
    for (const { execution } of pick(snapshot, filter, bytes, start)) windows.take(execution);
  }
  return windows.view();
}
