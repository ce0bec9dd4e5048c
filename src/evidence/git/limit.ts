import type { GitLeftOut } from "../../domain/evidence/evidence.ts";

/** Why something is not known of a working copy. */
export class LeftOut extends Error {
  readonly why: GitLeftOut;

  constructor(why: GitLeftOut) {
    super(`left out: ${why}`);
    this.name = "LeftOut";
    this.why = why;
  }
}

/** How long all that is asked of git in one go may take. */
export class Limit {
  readonly #end: number;
  readonly #stopper = new AbortController();
  readonly #timer: NodeJS.Timeout;
  /** Is aborted once the time is over, the caller gives up, or `stop` is called. */
  readonly signal: AbortSignal;

  constructor(ms: number, given?: AbortSignal) {
    this.#end = performance.now() + ms;
    this.#timer = setTimeout(() => this.#stopper.abort(), ms);
    this.signal = given === undefined ? this.#stopper.signal : AbortSignal.any([given, this.#stopper.signal]);
  }

  /** Throws `LeftOut` once the time is over: a loop that waits for nothing hears of no signal. */
  check(): void {
    if (this.signal.aborted || performance.now() > this.#end) throw new LeftOut("time");
  }

  /** Ends what still runs within this limit. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#stopper.abort();
  }
}
