import { setTimeout as delay } from "node:timers/promises";
import { stampOf } from "./change-token.ts";
import type { FileSystem } from "./file-system.ts";

const LOOKS = 6;
const PAUSE_MS = 40;

/**
 * What is found twice in a row in files that no program has touched between the looks. A writer writes one file after
 * the other, and in between they do not agree; where that goes on and on, each write sets right what the one before may
 * have left, and nothing is said.
 */
export async function stableRead<T>(
  { fileSystem }: { readonly fileSystem: FileSystem },
  paths: readonly string[],
  look: () => Promise<readonly T[]>,
): Promise<readonly T[]> {
  let before: string | undefined;
  for (let looks = 0; looks < LOOKS; looks += 1) {
    const stamp = stampOf(fileSystem, paths);
    const found = await look();
    if (found.length === 0) return found;
    const isStill = stampOf(fileSystem, paths) === stamp;
    if (isStill && before === stamp) return found;
    before = isStill ? stamp : undefined;
    await delay(PAUSE_MS);
  }
  return [];
}
