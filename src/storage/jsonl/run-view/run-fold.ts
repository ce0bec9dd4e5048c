import { type Damage, decodeLine } from "../../../adr004/run-line.ts";
import { addToHistory, emptyHistory, type History } from "../../../domain/history/history.ts";
import type { Execution } from "../../../domain/run/execution.ts";
import type { RetentionDays } from "../../../domain/run/retention.ts";
import type { FileSystem } from "../files/file-system.ts";
import type { TextHash } from "../key-index/hash.ts";
import { KeyIndex } from "../key-index/key-index.ts";
import { addToIndex, deduplicate, type Identified, identified } from "../key-index/lookup.ts";
import { runPosition } from "../key-index/run-position.ts";
import type { Fold } from "../projection/fold.ts";

/** An open log. */
export interface OpenLog {
  readonly fd: number;
}

/**
 * What a log says, as far as it was read. All of it follows from the bytes and the retention, so that a process that goes
 * on and one that starts know the same, whenever either has read.
 */
export interface RunState {
  /** By another retention other runs are duplicates. */
  readonly retentionDays: RetentionDays;
  readonly history: History;
  /** Where runs with a given identity may stand. */
  index: KeyIndex;
  /** Runs that repeat an earlier one, by their `runPosition`, and where the line of that one begins. */
  readonly duplicates: Map<string, number>;
}

/** A line of the log, decoded. */
export interface RunLine {
  readonly runs: readonly Identified[];
  readonly damage?: Damage | undefined;
}

export function runLine(executions: readonly Execution[], damage?: Damage): RunLine {
  return { runs: executions.map(identified), damage };
}

export function runFold(
  fileSystem: FileSystem,
  indexFolder: string,
  retentionDays: RetentionDays,
): Fold<RunState, RunLine, OpenLog> {
  return {
    empty: () => ({
      retentionDays,
      history: emptyHistory(),
      index: new KeyIndex(fileSystem, indexFolder),
      duplicates: new Map(),
    }),
    decode(bytes) {
      const { damage, executions } = decodeLine(bytes);
      return runLine(executions, damage);
    },
    damageIn: ({ damage }) => (damage?.lost ? damage.reason : undefined),
    expect({ index }, lines) {
      const hashes: TextHash[] = [];
      for (const { line } of lines)
        for (const { called, hashes: known } of line.runs) {
          for (const hash of known) hashes.push(hash);
          if (called !== undefined) hashes.push(called);
        }
      // The index looks at its slots for all of them at once.
      index.preload(hashes);
    },
    add({ duplicates, history, index }, { runs }, start, { fd }) {
      const deduplicated = deduplicate({ fileSystem, fd, index, duplicates }, retentionDays, { start, runs });
      for (const [number, run] of deduplicated.entries()) {
        const { repeats } = run;
        if (repeats === undefined) {
          addToHistory(history, run.run, start);
          addToIndex(index, run, start);
        } else duplicates.set(runPosition(start, number), repeats);
      }
    },
    holds: (state) => state.retentionDays === retentionDays,
  };
}
