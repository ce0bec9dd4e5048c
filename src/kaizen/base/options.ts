import type { RetentionDays } from "../../domain/run/retention.ts";
import type { Store } from "../../storage/store.ts";

/** What the use cases work with; their parts take of it what they need. */
export interface KaizenOptions {
  readonly store: Store;
  /** The current instant in ms since 1970. */
  readonly now: () => number;
  /** At least 80 random bits in hexadecimal. */
  readonly randomHex: () => string;
  readonly retentionDays: RetentionDays;
  /** Whether the store came from elsewhere, and the user has not accepted it. Left out: it has not. */
  readonly isForeign?: () => boolean;
  /**
   * Throws a coin for a text: a number from 0 up to 1 that is the same for the same text, and that only this machine can
   * foretell. `undefined` if it keeps no secret for this project. Left out: there are no coins.
   */
  readonly coin?: (text: string) => number | undefined;
  /** The share of runs that are to get no brief, if a person has set one. */
  readonly holdout?: () => number | undefined;
}
