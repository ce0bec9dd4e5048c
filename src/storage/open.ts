import type { RetentionDays } from "../domain/retention.ts";
import type { Hurry } from "./hurry.ts";
import { createJsonlStore } from "./jsonl/store.ts";
import type { OnNotice } from "./notice.ts";
import type { Store } from "./store.ts";

export interface StoreSettings {
  /** The project's folder; the store lives in `.kaizen/metrics` below it. */
  readonly projectRoot: string;
  readonly retentionDays: RetentionDays;
  /** The current instant in ms since 1970. */
  readonly now: () => number;
  readonly onNotice: OnNotice;
  /** Set where a client waits. */
  readonly hurry?: Hurry | undefined;
}

/** Settings to store: the only file that knows that there are several. Opening creates nothing on disk. */
export function openStore(settings: StoreSettings): Store {
  return createJsonlStore(settings);
}
