import { decodeLine } from "../../../adr004/run-line.ts";
import { noteFailure } from "../../../domain/figures/failures.ts";
import { dated, recentRun, WINDOW_RUNS, WINDOW_SCORES } from "../../../domain/figures/history.ts";
import type { Execution } from "../../../domain/run/execution.ts";
import { type JsonObject, sameJson } from "../../../domain/text/json.ts";
import { type FileSystem, readRange } from "../files/file-system.ts";
import { runPosition } from "../journal/run-position.ts";
import type { Checkpoint } from "./checkpoint.ts";

/** So many of the last runs are read again if a checkpoint is taken up, as far as they stand in so many bytes. */
const SAMPLED_RUNS = WINDOW_RUNS;
const SAMPLED_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/**
 * Whether the last runs, scores and failures of a checkpoint are those of the log, as far as a sample goes. It shows a
 * checkpoint that was written for another history, by a fault of ours or by somebody else; who knows how checkpoints are
 * made, and changes what lies further back, is not found like this.
 */
export function agreesWithLog(fileSystem: FileSystem, fd: number, checkpoint: Checkpoint): boolean {
  const { recent, scores, failures, total } = checkpoint.history;
  const last = [...lastRuns(fileSystem, fd, checkpoint)].map((run, index) => ({ run, ordinal: total.runs - index }));
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

/** The last runs that count by the checkpoint, last one first. */
function* lastRuns(fileSystem: FileSystem, fd: number, { covered, duplicates }: Checkpoint): Generator<Execution> {
  const from = Math.max(0, covered - SAMPLED_BYTES);
  const bytes = readRange(fileSystem, fd, from, covered);
  const isDuplicate = new Map(duplicates);
  let runs = 0;
  // The last byte that is covered is a newline, and the first line is whole only where the file begins.
  for (let end = bytes.length - 1; end > 0 && runs < SAMPLED_RUNS; ) {
    const start = bytes.lastIndexOf(NEWLINE, end - 1) + 1;
    if (start === 0 && from > 0) return;
    const { executions } = decodeLine(bytes.subarray(start, end));
    for (const [number, execution] of [...executions.entries()].reverse()) {
      if (isDuplicate.has(runPosition(from + start, number))) continue;
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
