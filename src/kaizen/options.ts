import type { RetentionDays } from "../domain/run/retention.ts";
import type { Store } from "../storage/store.ts";

/** What the use cases work with; their parts take of it what they need. */
export interface KaizenOptions {
  readonly store: Store;
  /** The current instant in ms since 1970. */
  readonly now: () => number;
  /** At least 80 random bits in hexadecimal. */
  readonly randomHex: () => string;
  readonly retentionDays: RetentionDays;
  /** Whether the store came from elsewhere, and nobody has accepted it; left out where nobody keeps account of that. */
  readonly isForeign?: () => boolean;
}
