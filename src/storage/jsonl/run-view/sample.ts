import { decodeLine } from "../../../adr004/run-line.ts";
import { noteFailure } from "../../../domain/history/failures.ts";
import { dated, recentRun, WINDOW_RUNS, WINDOW_SCORES } from "../../../domain/history/history.ts";
import type { Execution } from "../../../domain/run/execution.ts";
import { type JsonObject, sameJson } from "../../../domain/text/json.ts";
import { type FileSystem, readRange } from "../files/file-system.ts";
import { runPosition } from "../key-index/run-position.ts";
import type { RunState } from "./run-fold.ts";

/** So many of the last runs are read again if a snapshot is taken up, as far as they stand in so many bytes. */
const SAMPLED_RUNS = WINDOW_RUNS;
const SAMPLED_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/**
 * Whether the last runs, scores and failures of a snapshot are those of the log, as far as a sample goes. It shows a
 * snapshot that was written for another history, by a fault of ours or by another program. A change that lies further
 * back is not found like this.
 */
export function agreesWithLog(fileSystem: FileSystem, fd: number, offset: number, state: RunState): boolean {
  const { recent, scores, failures, total } = state.history;
  const runs = [...lastRuns(fileSystem, fd, offset, state)];
  const last = runs.map((run, index) => ({ run, ordinal: total.runs - index }));
  const lastScores = last.flatMap(({ run }) => (run.quality === undefined ? [] : [dated(run.at, run.quality)]));
  const lastFailures = last.flatMap(({ run, ordinal }) => (run.success ? [] : [noteFailure(run, ordinal)]));
  return (
    endsIn(
      recent,
      last.map(({ run, ordinal }) => recentRun(run, ordinal)),
    ) &&
    endsIn(scores, lastScores.slice(0, WINDOW_SCORES)) &&
    endsIn(failures, lastFailures)
  );
}

/** The last runs that count by a snapshot up to an offset, last one first. */
function* lastRuns(fileSystem: FileSystem, fd: number, offset: number, { duplicates }: RunState): Generator<Execution> {
  const from = Math.max(0, offset - SAMPLED_BYTES);
  const bytes = readRange(fileSystem, fd, from, offset);
  let runs = 0;
  // The last byte that is covered is a newline, and the first line is whole only where the file begins.
  for (let end = bytes.length - 1; end > 0 && runs < SAMPLED_RUNS; ) {
    const start = bytes.lastIndexOf(NEWLINE, end - 1) + 1;
    if (start === 0 && from > 0) return;
    const { executions } = decodeLine(bytes.subarray(start, end));
    for (const [number, execution] of [...executions.entries()].reverse()) {
      if (duplicates.has(runPosition(from + start, number))) continue;
      runs += 1;
      yield execution;
    }
    end = start - 1;
  }
}

/** Whether a list ends in these, which come last one first. */
function endsIn(list: readonly object[], last: readonly object[]): boolean {
  return last.every((item, index) => {
    const kept = list.at(-1 - index);
    return kept !== undefined && isSame(item, kept);
  });
}

function isSame(a: object, b: object): boolean {
  return sameJson(a as JsonObject, b as JsonObject);
}
