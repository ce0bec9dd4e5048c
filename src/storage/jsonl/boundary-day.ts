import type { Execution } from "../../domain/execution.ts";
import { addToTally, emptyTally, subtractTally, type Tally } from "../../domain/tally.ts";

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
