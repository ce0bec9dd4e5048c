import { KaizenError } from "../../errors.ts";
import { translateFsError } from "./fs-errors.ts";

/** The calls of one store: none after it was closed, those under way waited for, and every failure in our words. */
export class Calls {
  /** Calls that have not been answered. */
  readonly #underWay = new Set<Promise<unknown>>();
  #closed = false;

  /** `doing` completes "… while". */
  answer<T>(doing: string, work: () => Promise<T>): Promise<T> {
    const call = this.#attempt(doing, work);
    this.#underWay.add(call);
    const over = () => void this.#underWay.delete(call);
    call.then(over, over);
    return call;
  }

  /** Later calls fail with `CLOSED`. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#underWay);
  }

  async #attempt<T>(doing: string, work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new KaizenError("CLOSED", "The store has been closed.");
    try {
      return await work();
    } catch (error) {
      throw translateFsError(error, doing);
    }
  }
}
