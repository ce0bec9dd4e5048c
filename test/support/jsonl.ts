import type { RetentionDays } from "../../src/domain/run/retention.ts";
import type { FileSystem } from "../../src/storage/jsonl/files/file-system.ts";
import { createJsonlStore, type JsonlStore } from "../../src/storage/jsonl/store.ts";

export interface JsonlOptions {
  readonly now: () => number;
  readonly retentionDays?: RetentionDays;
  readonly fileSystem?: FileSystem;
  readonly lockTimeoutMs?: number;
  readonly onNotice?: (message: string) => void;
}

/** The JSONL store with what a test does not care about filled in. */
export function openJsonl(projectRoot: string, options: JsonlOptions): JsonlStore {
  return createJsonlStore({ projectRoot, retentionDays: 30, onNotice: () => {}, ...options });
}
