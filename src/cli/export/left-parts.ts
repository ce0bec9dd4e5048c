import { lstatSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isAlive } from "../../evidence/programs/is-alive.ts";

/** A process of this number may run on another machine, or in another container, that has the folder too: then it writes. */
const QUIET_MS = 600_000;

/** Where a process writes what is called otherwise once it is whole. */
export function partName(name: string, process: number | string = globalThis.process.pid): string {
  return `${name}.part-${process}`;
}

/** Takes away what processes have left that were killed while they wrote something of this name; what cannot be, stays. */
export function removeLeftParts(folder: string, name: string): void {
  const beginning = partName(name, "");
  for (const entry of entriesOf(folder)) {
    const number = entry.startsWith(beginning) ? entry.slice(beginning.length) : "";
    if (!/^\d{1,9}$/.test(number) || isAlive(Number(number))) continue;
    const path = join(folder, entry);
    try {
      if (Date.now() - lstatSync(path).mtimeMs > QUIET_MS) rmSync(path, { recursive: true, force: true });
    } catch {
      // It is another user's, say.
    }
  }
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
