import { KaizenError } from "../../errors.ts";

/** The calls of one store: none after it was closed, those under way waited for, and every failure in our words. */
export class InFlightCalls {
  /** Calls that have not been answered. */
  readonly #underWay = new Set<Promise<void>>();
  readonly #translate: (error: unknown, doing: string) => unknown;
  #closed = false;

  /** `translate` says in our words what an engine's own errors mean; `doing` completes "… while". */
  constructor(translate: (error: unknown, doing: string) => unknown) {
    this.#translate = translate;
  }

  /** `doing` completes "… while". */
  async answer<T>(doing: string, work: () => Promise<T>): Promise<T> {
    const end = this.#begin();
    try {
      return await work();
    } catch (error) {
      throw this.#translate(error, doing);
    } finally {
      end();
    }
  }

  /** A call that is answered in parts. It is under way until the last of them, or until its reader leaves the loop. */
  async *answerInParts<T>(doing: string, work: () => AsyncIterable<T>): AsyncGenerator<T> {
    const end = this.#begin();
    try {
      yield* work();
    } catch (error) {
      throw this.#translate(error, doing);
    } finally {
      end();
    }
  }

  /** Later calls fail with `CLOSED`. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#underWay);
  }

  #begin(): () => void {
    if (this.#closed) throw new KaizenError("CLOSED", "The store has been closed.");
    let end = () => {};
    const call = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#underWay.add(call);
    return () => {
      this.#underWay.delete(call);
      end();
    };
  }
}
