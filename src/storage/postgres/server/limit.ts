import { AsyncLocalStorage } from "node:async_hooks";

/** Who calls us waits so long, for all that a call asks for and for every try of it. */
export const CALL_MS = 10_000;
/** What goes through a whole history may take so long. */
const LONG_MS = 600_000;

/** How long something may take. */
export type Pace =
  /** As long as the call that it is part of. */
  | "short"
  /** So many rows as there are: as long as some come, the call is given more time. */
  | "onward"
  /** One statement may go through a whole history, and says nothing meanwhile. */
  | "long";

/** What is asked for together. */
class Call {
  deadline: number;
  /** Something was kept already. */
  hasWritten = false;
  /** What was in the way when something of it was given up. */
  failure: unknown;

  constructor(limitMs: number) {
    this.deadline = performance.now() + limitMs;
  }
}

const calls = new AsyncLocalStorage<Call>();

/** All that `work` asks for has one limit together. Within such a call there is no other. */
export function asOneCall<T>(work: () => Promise<T>, limitMs = CALL_MS): Promise<T> {
  return calls.getStore() === undefined ? calls.run(new Call(limitMs), work) : work();
}

/** What nothing waits for is part of no call: it has a limit of its own. */
export function apartFromCall<T>(work: () => T): T {
  return calls.exit(work);
}

/** To be called if something of the call was kept within another one. */
export function noteWritten(): void {
  const call = calls.getStore();
  if (call !== undefined) call.hasWritten = true;
}

/** Until when something is waited for, with every try of it. Instants are those of `performance.now()`. */
export class Limit {
  readonly #call: Call;
  readonly #last = performance.now() + LONG_MS;
  readonly #pace: Pace;

  /** `limitMs` is that of a call of its own, if this is part of no other. */
  constructor(pace: Pace = "short", limitMs = CALL_MS) {
    this.#call = calls.getStore() ?? new Call(limitMs);
    this.#pace = pace;
  }

  get leftMs(): number {
    const deadline = this.#pace === "long" ? this.#last : Math.min(this.#call.deadline, this.#last);
    return deadline - performance.now();
  }

  /** Whether rows that come give it more time. */
  get isExtended(): boolean {
    return this.#pace === "onward";
  }

  /** Whether the call that this is part of has kept something. */
  get hasWritten(): boolean {
    return this.#call.hasWritten;
  }

  /** The server has answered, or goes on with its answer. */
  answered(): void {
    if (this.#pace !== "short") this.#call.deadline = Math.max(this.#call.deadline, performance.now() + CALL_MS);
  }

  /** What was in the way of what the call asked for before. */
  get failure(): unknown {
    return this.#call.failure;
  }

  givenUp(failure: unknown): void {
    this.#call.failure = failure;
  }

  written(): void {
    this.#call.hasWritten = true;
  }
}
