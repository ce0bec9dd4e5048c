import { decodeLine } from "../../../adr004/run-line.ts";
import { addToHistory, emptyHistory, type HistoryView, viewWhole } from "../../../domain/history/history.ts";
import type { Execution } from "../../../domain/run/execution.ts";
import { type ExecutionFilter, matchesFilter } from "../../../domain/run/filter.ts";
import { hasExpired } from "../../../domain/run/retention.ts";
import type { PageRequest } from "../../store.ts";
import { type FileSystem, readRange } from "../files/file-system.ts";
import { forEachLine, linesBackwards, readLineAt } from "../journal/lines.ts";
import type { Duplicates } from "../key-index/lookup.ts";
import { runPosition } from "../key-index/run-position.ts";

/** A log as it stood at one moment. It may grow, or be replaced, while it is read: what is read here stays the same. */
export interface Snapshot {
  readonly fileSystem: FileSystem;
  readonly fd: number;
  readonly size: number;
  readonly duplicates: Duplicates;
  readonly cutoff: number;
}

/** Where a run stands: the offset of its line, and its number in the line. */
export interface Place {
  readonly start: number;
  readonly number: number;
}

interface PlacedExecution extends Place {
  readonly execution: Execution;
}

/** What was found from a place backwards, and how far that looked. */
interface FoundBackwards {
  /** Newest first; one more than asked for where there is one. */
  readonly found: readonly PlacedExecution[];
  readonly searched: number;
  /** Where the budget was used up, if it was. */
  readonly stoppedAt: Place | undefined;
}

/** The runs that a request picks, newest first, from before a place on. */
export async function scanBackwards(
  snapshot: Snapshot,
  { budget = Number.POSITIVE_INFINITY, filter, limit, signal }: PageRequest,
  before: Place | undefined,
): Promise<FoundBackwards> {
  const found: PlacedExecution[] = [];
  let searched = 0;
  let lookedAt: Place | undefined;
  const end = before === undefined ? snapshot.size : Math.min(snapshot.size, before.start);
  if (before !== undefined) {
    const line = readLineAt(snapshot.fileSystem, snapshot.fd, before.start);
    found.push(...pick(snapshot, filter, line, before.start).filter((run) => run.number < before.number));
  }
  for await (const { start, bytes } of linesBackwards(snapshot.fileSystem, snapshot.fd, end)) {
    if (found.length > limit) break;
    if (searched >= budget) return { found, searched, stoppedAt: lookedAt };
    signal?.throwIfAborted();
    // A line is a run, but for what a torn write has glued together.
    searched += bytes.length === 0 ? 0 : 1;
    lookedAt = { start, number: 0 };
    found.push(...pick(snapshot, filter, bytes, start));
  }
  return { found: found.slice(0, limit + 1), searched, stoppedAt: undefined };
}

/** The live runs of a line that a filter picks, last first. */
export function pick(snapshot: Snapshot, filter: ExecutionFilter, bytes: Buffer, start: number): PlacedExecution[] {
  return decodeLine(bytes)
    .executions.map((execution, number) => ({ execution, start, number }))
    .filter(({ execution, number }) => isPicked(snapshot, filter, execution, { start, number }))
    .reverse();
}

/** Whether a run is live, repeats no other, and is meant. */
export function isPicked(snapshot: Snapshot, filter: ExecutionFilter, run: Execution, place: Place): boolean {
  if (hasExpired(run.at, snapshot.cutoff) || snapshot.duplicates.has(runPosition(place.start, place.number)))
    return false;
  return matchesFilter(run, filter);
}

/** Folds the runs that a filter picks into a history of their own, and hands each of them over. */
export async function scanHistory(
  snapshot: Snapshot,
  filter: ExecutionFilter,
  useRun: (run: Execution) => void,
): Promise<HistoryView> {
  const history = emptyHistory();
  const { fileSystem, fd, size } = snapshot;
  const addLine = (bytes: Buffer, start: number) => {
    for (const { execution } of pick(snapshot, filter, bytes, start).reverse()) {
      addToHistory(history, execution, start);
      useRun(execution);
    }
  };
  const rest = await forEachLine(fileSystem, fd, { from: 0, to: size }, addLine);
  if (rest < size) addLine(readRange(fileSystem, fd, rest, size), rest);
  return viewWhole(history);
}
