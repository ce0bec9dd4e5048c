import { setTimeout as sleep } from "node:timers/promises";
import { KaizenError } from "../../../errors.ts";
import { type ConnectionOptions, Connections, Unreached } from "./connection.ts";
import type { Query } from "./driver.ts";
import { ambiguous, LOST, remedyFor, Silence, unreachable, whyNot } from "./errors.ts";
import { CALL_MS, Limit, type Pace } from "./limit.ts";
import { assertMayWrite, lookAtStore, type Rights } from "./version.ts";

export type { Query } from "./driver.ts";

/** One try at something that may have to be tried again. */
export interface Attempt {
  /** An earlier try was lost after it was sent: what it says may be kept by now. */
  readonly isAmbiguous: boolean;
  /** Reads. */
  readonly query: Query;
  /** One statement that writes: it is kept whole, or not at all. */
  readonly write: Query;
  /** Several statements that are kept together, at the isolation that most engines begin with. */
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T>;
}

interface DatabaseOptions extends Omit<ConnectionOptions, "onConnected"> {
  /** How long a call may take, in place of the usual limit. */
  readonly limitMs?: number | undefined;
}

/** A server that has no connection left, or starts, is not asked a hundred times a second by all of a team. */
const LONGEST_WAIT_MS = 500;

/** The tables, and the way to them: what fails in a way that passes is tried again, within a limit. */
export class Database {
  readonly #connections: Connections;
  readonly #limitMs: number;
  readonly schema: string;
  #rights: Rights | undefined;

  constructor(options: DatabaseOptions) {
    this.#limitMs = options.limitMs ?? CALL_MS;
    this.schema = options.address.schema;
    const onConnected = async (query: Query) => {
      this.#rights = await lookAtStore(query, this.schema);
      return this.#rights.takesWrites;
    };
    this.#connections = new Connections({ ...options, onConnected });
  }

  /** What the role may do. Asked for within an attempt, which has a connection. */
  get rights(): Rights {
    if (this.#rights === undefined) throw new Error("what a role may do is known once it has connected");
    return this.#rights;
  }

  /**
   * Looks, decides and writes, as often as it takes. Each try looks anew, so that it sees what an earlier one, or another
   * writer, has kept.
   */
  async settle<T>(work: (attempt: Attempt) => Promise<T>, pace: Pace = "short"): Promise<T> {
    const limit = new Limit(pace, this.#limitMs);
    // Of a call that was waited for long enough nothing more is begun.
    if (limit.leftMs <= 0) throw this.#givenUp(limit.failure ?? new Unreached([]), limit.hasWritten);
    let isAmbiguous = false;
    let awaySince: number | undefined;
    let told: Unreached | undefined;
    for (let tries = 0; ; tries += 1) {
      let isSent = false;
      try {
        return await this.#connections.use(limit, (query) => {
          const write: Query = async (text, values) => {
            assertMayWrite(this.rights);
            isSent = true;
            const rows = await query(text, values);
            isSent = false;
            limit.written();
            return rows;
          };
          const transaction = async <R>(inside: (query: Query) => Promise<R>): Promise<R> => {
            await query("BEGIN ISOLATION LEVEL READ COMMITTED");
            try {
              const result = await inside(query);
              await write("COMMIT");
              return result;
            } catch (error) {
              if (remedyFor(error) !== "reconnect") await query("ROLLBACK");
              throw error;
            }
          };
          return work({ isAmbiguous, query, write, transaction });
        });
      } catch (error) {
        const remedy = remedyFor(error);
        if (remedy === "none") throw isAmbiguous ? this.#unsure(error) : error;
        if (remedy === "reconnect" && isSent) isAmbiguous = true;
        // What goes through a whole history has long for it, and not for a server that has gone.
        awaySince = error instanceof Unreached ? (awaySince ?? performance.now()) : undefined;
        const isAway = awaySince !== undefined && performance.now() >= awaySince + this.#limitMs;
        // The last try may have had no time left to learn what an earlier one was told.
        if (error instanceof Unreached && (error.isTold || told === undefined)) told = error;
        const isFinal = isAway || (error instanceof Unreached && error.isFinal);
        const wait = remedy === "look" ? 0 : Math.random() * Math.min(LONGEST_WAIT_MS, 2 ** tries);
        if (isFinal || wait >= limit.leftMs) {
          const reason = error instanceof Unreached ? told : error;
          limit.givenUp(reason);
          throw this.#givenUp(reason, isAmbiguous || limit.hasWritten);
        }
        await sleep(wait);
      }
    }
  }

  /** One statement that reads. */
  read(text: string, values: readonly unknown[] = [], pace: Pace = "short"): Promise<readonly object[]> {
    return this.settle(({ query }) => query(text, values), pace);
  }

  /** A table of ours by its full name. The schema's name was held to a pattern that needs no escape. */
  table(name: string): string {
    return `"${this.schema}".${name}`;
  }

  close(): void {
    this.#connections.close();
  }

  #unsure(error: unknown): unknown {
    return error instanceof KaizenError && error.code !== "STORE_UNREACHABLE"
      ? error
      : ambiguous(this.#connections.hosts);
  }

  #givenUp(error: unknown, isAmbiguous: boolean): unknown {
    const { hosts } = this.#connections;
    if (isAmbiguous) return ambiguous(hosts);
    const remedy = remedyFor(error);
    if (error instanceof Unreached) return unreachable(hosts, error);
    if (error instanceof Silence) return unreachable(hosts, whyNot(error));
    if (remedy === "reconnect") return unreachable(hosts, LOST);
    return error;
  }
}
