import { addToTally, type CountedRun, emptyTally, type Tally, takeFromTally } from "../../domain/history/tally.ts";

/**
 * The runs of the one day that retention cuts through, by age, so that they expire one by one as the clock moves on. A day
 * may have many: of each no more is held than what is counted, in columns.
 */
export class PartialDay {
  readonly #instants: number[] = [];
  readonly #successes: boolean[] = [];
  /** `NaN` if none was reported: a reported one is finite. */
  readonly #qualities: number[] = [];
  readonly #times: number[] = [];
  /** The numbers of the runs, the oldest run first. */
  #byAge: Uint32Array | undefined;
  #tally = emptyTally();
  /** How many of the oldest are out of the tally. */
  #expired = 0;

  add(at: number, { success, quality = Number.NaN, timeS = Number.NaN }: CountedRun): void {
    this.#instants.push(at);
    this.#successes.push(success);
    this.#qualities.push(quality);
    this.#times.push(timeS);
    addToTally(this.#tally, { success, quality: reported(quality), timeS: reported(timeS) });
  }

  /** Counts the runs that are live at a cutoff (ms), when all have been added. The counters hold until the next call. */
  liveAt(cutoff: number): Tally {
    this.#byAge ??= Uint32Array.from(this.#instants, (_, number) => number).sort(
      (a, b) => (this.#instants[a] ?? 0) - (this.#instants[b] ?? 0),
    );
    while (this.#expired < this.#byAge.length && this.#instantOf(this.#expired) < cutoff) {
      takeFromTally(this.#tally, this.#runAt(this.#expired));
      this.#expired += 1;
    }
    // The clock may have been set back.
    while (this.#expired > 0 && this.#instantOf(this.#expired - 1) >= cutoff) {
      this.#expired -= 1;
      addToTally(this.#tally, this.#runAt(this.#expired));
    }
    return this.#tally;
  }

  /** Of the run that has a place in the order of age. */
  #instantOf(place: number): number {
    return this.#instants[this.#byAge?.[place] ?? 0] ?? 0;
  }

  #runAt(place: number): CountedRun {
    const number = this.#byAge?.[place] ?? 0;
    return {
      success: this.#successes[number] === true,
      quality: reported(this.#qualities[number]),
      timeS: reported(this.#times[number]),
    };
  }
}

function reported(value: number | undefined): number | undefined {
  return Number.isNaN(value) ? undefined : value;
}
