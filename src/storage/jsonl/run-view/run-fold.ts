import { type Damage, decodeLine } from "../../../adr004/run-line.ts";
import { addToHistory, emptyHistory, type History } from "../../../domain/figures/history.ts";
import type { Execution } from "../../../domain/run/execution.ts";
import { hasExpired } from "../../../domain/run/retention.ts";
import type { FileSystem } from "../files/file-system.ts";
import type { TextHash } from "../key-index/hash.ts";
import { KeyIndex } from "../key-index/key-index.ts";
import { deduplicate, type Identified, identified } from "../key-index/lookup.ts";
import { runPosition } from "../key-index/run-position.ts";
import type { Fold } from "../projection/fold.ts";

/** An open log, and the instant (ms) before which its runs have expired. */
export interface OpenLog {
  readonly fd: number;
  readonly cutoff: number;
}

/** What a log says, as far as it was read. */
export interface RunState {
  readonly history: History;
  /** Where runs with a given identity may stand. */
  index: KeyIndex;
  /** Runs that repeat an earlier one, named by `runPosition`. */
  readonly repeats: Set<string>;
  /** Those of them that live longer than the run that they repeat, and so count one day. */
  readonly outliving: Outliving[];
  expiredRuns: number;
  /** The latest cutoff (ms) that a run had fallen to when it was read; what it would be asked for must not lie before. */
  expiredCutoff: number;
}

/** The instants (ms) of a run that counts and of one that repeats it; `null` for a run that never expires. */
type Outliving = readonly [counted: number, repeat: number | null];

/** A line of the log, decoded. */
export interface RunLine {
  readonly runs: readonly Identified[];
  readonly damage?: Damage | undefined;
}

export function runLine(executions: readonly Execution[], damage?: Damage): RunLine {
  return { runs: executions.map(identified), damage };
}

export function runFold(fileSystem: FileSystem, indexFolder: string): Fold<RunState, RunLine, OpenLog> {
  return {
    empty: () => ({
      history: emptyHistory(),
      index: new KeyIndex(fileSystem, indexFolder),
      repeats: new Set(),
      outliving: [],
      expiredRuns: 0,
      expiredCutoff: Number.NEGATIVE_INFINITY,
    }),
    decode(bytes) {
      const { damage, executions } = decodeLine(bytes);
      return runLine(executions, damage);
    },
    damageIn: ({ damage }) => (damage?.lost ? damage.reason : undefined),
    expect({ index }, lines) {
      const hashes: TextHash[] = [];
      for (const { line } of lines) for (const run of line.runs) for (const hash of run.hashes) hashes.push(hash);
      // The index looks at its slots for all of them at once.
      index.preload(hashes);
    },
    add(state, { runs }, start, { cutoff, fd }) {
      const { history, index, repeats } = state;
      const deduplicated = deduplicate({ fileSystem, fd, index, repeats, cutoff }, runs);
      for (const [number, { run, hashes, standing }] of deduplicated.entries()) {
        if (standing === "expired") {
          state.expiredRuns += 1;
          state.expiredCutoff = Math.max(state.expiredCutoff, cutoff);
        } else if (standing === "counts") {
          addToHistory(history, run, start);
          for (const hash of hashes) index.add(hash, start);
        } else {
          repeats.add(runPosition(start, number));
          noteOutliving(state, run, standing.repeats);
        }
      }
    },
    // It has to hold everything that the cutoff leaves: also runs that did not count as long as those lived that they repeat.
    holds({ expiredCutoff, outliving }, { cutoff }) {
      const isOutlived = ([counted, repeat]: Outliving) =>
        hasExpired(counted, cutoff) && !hasExpired(repeat ?? undefined, cutoff);
      return expiredCutoff <= cutoff && !outliving.some(isOutlived);
    },
  };
}

function noteOutliving({ outliving }: RunState, { at: repeat }: Execution, { at: counted }: Execution): void {
  if (counted !== undefined && (repeat === undefined || repeat > counted)) outliving.push([counted, repeat ?? null]);
}
