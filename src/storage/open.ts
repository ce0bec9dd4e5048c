import type { RetentionDays } from "../domain/run/retention.ts";
import type { Hurry } from "./hurry.ts";
import type { SnapshotKey } from "./jsonl/projection/sealed-file.ts";
import { createJsonlStore, prepareJsonlStore } from "./jsonl/store.ts";
import type { OnNotice } from "./notice.ts";
import { openPostgres, type PostgresStoreOptions } from "./postgres/open.ts";
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
  /** Without one, snapshots are sealed with a checksum only. */
  readonly snapshotKey?: SnapshotKey;
  /** Called before the first write of this process, once the store's own folder is there. */
  readonly onFirstWrite?: () => void;
}

/** Settings to store: the only file that knows that there are several. Opening creates nothing on disk, and connects to nothing. */
export function openStore(settings: StoreSettings | PostgresStoreOptions): Store {
  return "address" in settings ? openPostgres(settings) : createJsonlStore(settings);
}

/** Makes the folder in which the store keeps what is of this machine only, and that git ignores. */
export function prepareStore(projectRoot: string): void {
  prepareJsonlStore(projectRoot);
}
