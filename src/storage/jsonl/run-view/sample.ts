import { decodeLine } from "../../../adr004/run-line.ts";
import { noteFailure } from "../../../domain/figures/failures.ts";
import { dated, type History, KEPT_SCORES, type RecentRun, recentRun } from "../../../domain/figures/history.ts";
import type { Execution } from "../../../domain/run/execution.ts";
import { hasExpired } from "../../../domain/run/retention.ts";
import { type JsonObject, sameJson } from "../../../domain/text/json.ts";
import { type FileSystem, readRange } from "../files/file-system.ts";
import { runPosition } from "../key-index/run-position.ts";
import type { RunState } from "./run-fold.ts";

/** So many of the last runs are read again if a snapshot is taken up, as far as they stand in so many bytes. */
const SAMPLED_RUNS = 200;
const SAMPLED_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/**
 * Whether the last runs, scores and failures of a snapshot are those of the log, as far as a sample goes. It shows a
 * snapshot that was written for another history, by a fault of ours or by another program. A change that lies further
 * back is not found like this.
 */
export function agreesWithLog(fileSystem: FileSystem, fd: number, offset: number, state: RunState): boolean {
  const { expiredCutoff, history, repeats } = state;
  const matched: { readonly run: Execution; readonly recent: RecentRun }[] = [];
  for (const run of lastRuns(fileSystem, fd, offset, repeats)) {
    const recent = history.recent.at(-1 - matched.length);
    if (recent !== undefined && isSame(recentRun(run, recent.ordinal), recent)) matched.push({ run, recent });
    // A run that had expired when it was read was not taken in.
    else if (!hasExpired(run.at, expiredCutoff)) return false;
  }
  const scores = matched.flatMap(({ run }) => (run.quality === undefined ? [] : [dated(run.at, run.quality)]));
  const failures = matched.flatMap(({ run, recent }) => (run.success ? [] : [noteFailure(run, recent.ordinal)]));
  return endsIn(history.scores, scores.slice(0, KEPT_SCORES)) && endsIn(history.failures, failures);
}

/** The last runs that count by a snapshot up to an offset, last one first. */
function* lastRuns(
  fileSystem: FileSystem,
  fd: number,
  offset: number,
  repeats: ReadonlySet<string>,
): Generator<Execution> {
  const from = Math.max(0, offset - SAMPLED_BYTES);
  const bytes = readRange(fileSystem, fd, from, offset);
  let runs = 0;
  // The last byte that is covered is a newline, and the first line is whole only where the file begins.
  for (let end = bytes.length - 1; end > 0 && runs < SAMPLED_RUNS; ) {
    const start = bytes.lastIndexOf(NEWLINE, end - 1) + 1;
    if (start === 0 && from > 0) return;
    const { executions } = decodeLine(bytes.subarray(start, end));
    for (const [number, execution] of [...executions.entries()].reverse()) {
      if (repeats.has(runPosition(from + start, number))) continue;
      runs += 1;
      yield execution;
    }
    end = start - 1;
  }
}

/** Whether a list ends in these, which come last one first. */
function endsIn(list: History["scores"] | History["failures"], last: readonly object[]): boolean {
  return last.every((item, index) => {
    const kept = list.at(-1 - index);
    return kept !== undefined && isSame(item, kept);
  });
}

function isSame(a: object, b: object): boolean {
  return sameJson(a as JsonObject, b as JsonObject);
}
