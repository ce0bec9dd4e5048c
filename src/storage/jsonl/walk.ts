import type { ExecutionFilter } from "../../domain/filter.ts";
import type { Verification } from "../../domain/verification.ts";
import type { WalkedRun } from "../store.ts";
import { decodeCheck } from "./check-codec.ts";
import { decodeLine } from "./codec.ts";
import { EntryTable } from "./entry-table.ts";
import { type FileSystem, READ, readRange, statusOf, withFileIfThere } from "./file-system.ts";
import { hashText } from "./hash.ts";
import { forEachLine, readLineAt } from "./lines.ts";
import { recordTexts } from "./record-text.ts";
import { isPicked, type Snapshot } from "./scan.ts";

/** So much of a log is read before what was found is handed over. */
const PART_BYTES = 256 * 1024;

/**
 * Hands over the live runs of a log from the first on, with the checks of each. Of the checks only where they stand is
 * held in memory; each is read again when its run comes by.
 */
export async function walkLog(
  snapshot: Snapshot,
  verifications: string,
  filter: ExecutionFilter,
  use: (runs: readonly WalkedRun[]) => Promise<void>,
): Promise<void> {
  const { fileSystem, fd, size } = snapshot;
  await withFileIfThere(fileSystem, verifications, READ, async (checksFd) => {
    const checks = checksFd === undefined ? undefined : await Checks.of(fileSystem, checksFd);
    let runs: WalkedRun[] = [];
    const useLine = (bytes: Buffer, start: number) => {
      for (const run of liveRuns(snapshot, filter, bytes, start)) {
        runs.push({ ...run, checks: run.execution.id === undefined ? [] : (checks?.of(run.execution.id) ?? []) });
      }
    };
    let at = 0;
    for (let part = PART_BYTES; at < size; ) {
      const to = Math.min(size, at + part);
      const end = await forEachLine(fileSystem, fd, { from: at, to }, useLine);
      if (end === at && to === size) useLine(readRange(fileSystem, fd, at, size), at);
      // A line longer than a part is read again with its end.
      part = end === at ? part * 2 : PART_BYTES;
      at = end === at && to === size ? size : end;
      if (runs.length > 0) await use(runs);
      runs = [];
    }
  });
}

type FoundRun = Omit<WalkedRun, "checks">;

function liveRuns(snapshot: Snapshot, filter: ExecutionFilter, bytes: Buffer, start: number): FoundRun[] {
  const line = decodeLine(bytes);
  const picked = line.executions.map((run, number) => isPicked(snapshot, filter, run, { start, number }));
  if (!picked.includes(true)) return [];
  const texts = recordTexts(bytes, line);
  return line.executions.flatMap((execution, number) =>
    picked[number] ? [{ execution, text: texts[number] ?? "" }] : [],
  );
}

/** The checks of an agent's runs by the places where they stand. */
class Checks {
  readonly #fileSystem: FileSystem;
  readonly #fd: number;
  readonly #places = new EntryTable();

  private constructor(fileSystem: FileSystem, fd: number) {
    this.#fileSystem = fileSystem;
    this.#fd = fd;
  }

  static async of(fileSystem: FileSystem, fd: number): Promise<Checks> {
    const checks = new Checks(fileSystem, fd);
    await forEachLine(fileSystem, fd, { from: 0, to: statusOf(fileSystem, fd).size }, (bytes, start) => {
      const check = decodeCheck(bytes);
      if (check !== undefined && check !== "blank") checks.#places.add(hashText(check.execution_id), start);
    });
    return checks;
  }

  /** In the order in which they were reported. */
  of(executionId: string): Verification[] {
    const places: number[] = [];
    this.#places.collect(hashText(executionId), places);
    return places
      .sort((a, b) => a - b)
      .flatMap((place) => {
        const check = decodeCheck(readLineAt(this.#fileSystem, this.#fd, place));
        return check !== undefined && check !== "blank" && check.execution_id === executionId ? [check] : [];
      });
  }
}
