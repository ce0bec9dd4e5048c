import type { Execution } from "../run/execution.ts";
import { type FailureNote, noteFailure, WINDOW_FAILURES } from "./failures.ts";
import { type HistoryView, type RecentRun, recentRun, WINDOW_RUNS, WINDOW_SCORES } from "./history.ts";
import type { Tally } from "./tally.ts";

/** The windows of runs that are counted already, filled from the runs themselves, the last of them first. */
export class WindowsReadBack {
  readonly #tally: Tally;
  readonly #recent: RecentRun[] = [];
  readonly #scores: number[] = [];
  readonly #failures: FailureNote[] = [];
  #ordinal: number;

  constructor(tally: Tally) {
    this.#tally = tally;
    this.#ordinal = tally.runs;
  }

  /** Whether no window has room for more, or the counters say that there is no more. */
  get isComplete(): boolean {
    const { quality, runs, successes } = this.#tally;
    return (
      this.#recent.length >= Math.min(WINDOW_RUNS, runs) &&
      this.#scores.length >= Math.min(WINDOW_SCORES, quality.count) &&
      this.#failures.length >= Math.min(WINDOW_FAILURES, runs - successes)
    );
  }

  /** Takes the run before the one that was taken last. */
  take(run: Execution): void {
    const ordinal = this.#ordinal;
    this.#ordinal -= 1;
    if (this.#recent.length < WINDOW_RUNS) this.#recent.push(recentRun(run, ordinal));
    if (run.quality !== undefined && this.#scores.length < WINDOW_SCORES) this.#scores.push(run.quality);
    if (!run.success && this.#failures.length < WINDOW_FAILURES) this.#failures.push(noteFailure(run, ordinal));
  }

  /** The runs as they were counted, with their windows in the order of the log. */
  view(): HistoryView {
    return {
      tally: this.#tally,
      recent: this.#recent.toReversed(),
      recentQuality: this.#scores.toReversed(),
      failures: this.#failures.toReversed(),
    };
  }
}
