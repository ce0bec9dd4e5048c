/**
 * How long a run was at work, in ms; `undefined` if its transcript says no time, and "unread" where it was not read
 * whole and there may be a pause in what was not.
 */
export type WorkedTime = number | "unread" | undefined;

/** An agent that goes on after a longer gap than this, in ms, was not at work meanwhile. */
export const LONGEST_PAUSE_MS = 10 * 60_000;

/** An entry of a transcript, as far as it says who was at work. */
export interface Moment {
  /** In ms; `undefined` if the entry says no time. */
  readonly at: number | undefined;
  readonly said: "model" | "user" | "note";
  /** The ids of tools that it calls. */
  readonly calls: readonly string[];
  /** The ids of calls that it has results of. */
  readonly results: readonly string[];
}

/**
 * Measures the time from the first entry of a transcript to the last, without the pauses. A pause is what lies between the
 * end of a turn and the next prompt, where that is long. However long a prompt waits for its answer, or a call of a tool
 * for its result, that is work.
 */
export class WorkClock {
  #first: number | undefined;
  #last: number | undefined;
  /** Whether entries were left out since the last one. */
  #leftOut = false;
  #isUnread = false;
  /** Whether the model has said something, and nothing was said to it since. */
  #hasAnswered = false;
  /** Calls without a result so far, each with how many calls came before it. */
  readonly #underWay = new Map<string, number>();
  #calls = 0;
  /** Each with how many calls came before it. A call before it that gets its result later makes it work after all. */
  readonly #pauses: { readonly calls: number; readonly ms: number }[] = [];

  /** When the first entry with a time was written, in ms. */
  get startedAt(): number | undefined {
    return this.#first;
  }

  get endedAt(): number | undefined {
    return this.#last;
  }

  add(moment: Moment): void {
    if (moment.at !== undefined) this.#tick(moment, moment.at);
    for (const id of moment.calls) if (!this.#underWay.has(id)) this.#underWay.set(id, this.#calls++);
    for (const id of moment.results) this.#take(id);
  }

  /** What follows does not follow directly: the middle of the transcript is not read. */
  leaveOut(): void {
    this.#leftOut = true;
  }

  worked(): WorkedTime {
    if (this.#isUnread || this.#leftOut) return "unread";
    const duration = durationBetween(this.#first, this.#last);
    if (!(duration >= 0)) return undefined;
    return Math.max(0, duration - this.#pauses.reduce((sum, { ms }) => sum + ms, 0));
  }

  #tick({ results, said }: Moment, at: number): void {
    if (this.#leftOut && !(durationBetween(this.#last, at) <= LONGEST_PAUSE_MS)) this.#isUnread = true;
    this.#leftOut = false;
    // What the client notes for itself while nothing is asked of the model begins a turn, as a prompt does.
    const mayFollowPause = results.length === 0 && (said === "user" || (said === "note" && this.#hasAnswered));
    const gap = at - (this.#last ?? at);
    if (mayFollowPause && gap > LONGEST_PAUSE_MS) this.#pauses.push({ calls: this.#calls, ms: gap });
    this.#first ??= at;
    this.#last = at;
    if (said !== "note") this.#hasAnswered = said === "model";
  }

  #take(id: string): void {
    const before = this.#underWay.get(id);
    if (before === undefined) return;
    this.#underWay.delete(id);
    while ((this.#pauses.at(-1)?.calls ?? 0) > before) this.#pauses.pop();
  }
}

/** NaN if either is unknown: no comparison is true of it. */
function durationBetween(from: number | undefined, to: number | undefined): number {
  return (to ?? Number.NaN) - (from ?? Number.NaN);
}
