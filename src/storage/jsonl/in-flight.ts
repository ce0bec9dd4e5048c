import { KaizenError } from "../../errors.ts";
import { translateFsError } from "./files/fs-errors.ts";

/** The calls of one store: none after it was closed, those under way waited for, and every failure in our words. */
export class InFlightCalls {
  /** InFlightCalls that have not been answered. */
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

/** Throws what a caller's function threw as it came: what went wrong with their own files is no fault of the store's. */
export async function throwingErrorsOf<A, T>(
  use: (given: A) => Promise<void>,
  work: (noting: (given: A) => Promise<void>) => Promise<T>,
): Promise<T> {
  let thrown: { readonly error: unknown } | undefined;
  const noting = (given: A) =>
    use(given).catch((error: unknown) => {
      thrown = { error };
      throw error;
    });
  try {
    return await work(noting);
  } catch (error) {
    throw thrown === undefined ? error : thrown.error;
  }
}
