import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Catalogue } from "../../src/adr004/catalogue.ts";
import type { AgentName } from "../../src/domain/run/agent-name.ts";
import type { RetentionDays } from "../../src/domain/run/retention.ts";
import type { FileSystem } from "../../src/storage/jsonl/files/file-system.ts";
import { createJsonlStore, type JsonlStore } from "../../src/storage/jsonl/store.ts";
import type { Finding } from "../../src/storage/store.ts";

export interface JsonlOptions {
  readonly now: () => number;
  readonly retentionDays?: RetentionDays;
  readonly fileSystem?: FileSystem;
  readonly catalogue?: Catalogue;
  readonly lockTimeoutMs?: number;
  readonly onNotice?: (message: string) => void;
}

/** The JSONL store with what a test does not care about filled in. */
export function openJsonl(projectRoot: string, options: JsonlOptions): JsonlStore {
  return createJsonlStore({ projectRoot, retentionDays: 30, onNotice: () => {}, ...options });
}

/** The damaged lines of an agent's files, in their order. What stands behind the last newline may be under way. */
export async function damagedLinesOf(root: string, agent: AgentName, now: () => number): Promise<Finding[]> {
  const { findings } = await openJsonl(root, { now }).files.examine(() => {});
  return findings.filter(({ agent: whose, file, kind, line, offset = 0 }) => {
    if (whose !== agent || kind !== "damage" || line === undefined) return false;
    return readFileSync(join(root, file)).includes("\n", offset);
  });
}
