import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { RetentionDays } from "../../src/domain/run/retention.ts";
import type { Store } from "../../src/storage/store.ts";
import { createMemoryStore } from "../oracle/memory.ts";
import { MEMORY } from "./memory.ts";

interface OpenOptions {
  readonly now: () => number;
  readonly retentionDays: RetentionDays;
}

/** Somewhere to keep runs. A durable place shows to a store opened later what earlier ones have left there. */
export interface Place {
  readonly durable: boolean;
  open(options: OpenOptions): Store;
}

export function memoryPlace(): Place {
  return { durable: false, open: createMemoryStore };
}

/** A folder that goes away with its test. */
export function temporaryFolder(): string {
  return folderIn(tmpdir());
}

/** The same in memory where there is such a file system: for tests of hundreds of folders, each flushed again and again. */
export function fastTemporaryFolder(): string {
  return folderIn(existsSync(MEMORY) ? MEMORY : tmpdir());
}

function folderIn(parent: string): string {
  const folder = mkdtempSync(join(parent, "kaizen-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
