import type { Execution } from "../../../domain/execution.ts";
import type { DayTally } from "../../../domain/history.ts";
import { addToTally, emptyTally, subtractTally, type Tally } from "../../../domain/tally.ts";
import { type FileSystem, readRange, statusOf } from "../files/file-system.ts";
import { forEachLine, readLineAt } from "../files/lines.ts";
import { decodeLine } from "../format/codec.ts";
import { placeName } from "../format/place-name.ts";

/** The runs of the one day that retention cuts through, by age, so that they expire one by one as the clock moves on. */
export class BoundaryDay {
  readonly #runs: { readonly at: number; readonly run: Execution }[];
  readonly #whole: Tally;
  #tally: Tally;
  /** How many of the oldest are out of the tally, and the cutoff that they fell to. */
  #expired = 0;
  #cutoff = Number.NEGATIVE_INFINITY;

  constructor(executions: readonly Execution[]) {
    this.#runs = executions.map((run) => ({ at: run.at ?? 0, run })).sort((a, b) => a.at - b.at);
    this.#whole = executions.reduce(addToTally<Tally>, emptyTally());
    this.#tally = this.#whole;
  }

  /** Counts the runs that are live at a cutoff (ms). */
  liveAt(cutoff: number): Tally {
    if (cutoff < this.#cutoff) {
      // The clock was set back.
      this.#tally = this.#whole;
      this.#expired = 0;
    }
    this.#cutoff = cutoff;
    for (
      let next = this.#runs[this.#expired];
      next !== undefined && next.at < cutoff;
      next = this.#runs[this.#expired]
    ) {
      this.#tally = subtractTally(this.#tally, addToTally(emptyTally(), next.run));
      this.#expired += 1;
    }
    return this.#tally;
  }
}

/** Reads the runs of a day from an open log; without those that repeat an earlier one, which `placeName` names. */
export async function readBoundaryDay(
  fileSystem: FileSystem,
  fd: number,
  day: DayTally,
  repeats: ReadonlySet<string>,
): Promise<BoundaryDay> {
  const executions: Execution[] = [];
  const end = statusOf(fileSystem, fd).size;
  const to = Math.min(end, day.lastPlace + readLineAt(fileSystem, fd, day.lastPlace).length + 1);
  const useLine = (bytes: Buffer, start: number) => {
    for (const [number, run] of decodeLine(bytes).executions.entries()) {
      const isOfDay = run.at !== undefined && run.at >= day.earliestAt && run.at <= day.latestAt;
      if (isOfDay && !repeats.has(placeName(start, number))) executions.push(run);
    }
  };
  const rest = await forEachLine(fileSystem, fd, { from: day.firstPlace, to }, useLine);
  if (rest < to) useLine(readRange(fileSystem, fd, rest, to), rest);
  return new BoundaryDay(executions);
}
