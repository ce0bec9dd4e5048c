import { decodeLine } from "./codec.ts";
import type { FileSystem } from "./file-system.ts";
import { linesBackwards } from "./lines.ts";

/** So many of the last runs say what time it is. */
const WITNESSES = 21;
/** How far the clock may be ahead of them, as a share of the retention: the last runs are no clock, and most are older. */
const TOLERANCE = 0.1;
/** So much of a log is looked through for them. */
const LOOKED_THROUGH_BYTES = 4 * 1024 * 1024;

/**
 * The instant (ms) up to which runs may be taken out for good. A clock that is far ahead hides runs for as long as it is:
 * it must not delete them. So the clock is believed only as far as the log agrees: up to a tenth of the retention after
 * what most of the last runs say that stand before `end`.
 */
export async function supportedCutoff(
  fileSystem: FileSystem,
  fd: number,
  end: number,
  { cutoff, now }: { readonly cutoff: number; readonly now: number },
): Promise<number> {
  const instants: number[] = [];
  for await (const { start, bytes } of linesBackwards(fileSystem, fd, end)) {
    for (const { at } of decodeLine(bytes).executions) if (at !== undefined) instants.push(at);
    if (instants.length >= WITNESSES || end - start > LOOKED_THROUGH_BYTES) break;
  }
  instants.sort((a, b) => a - b);
  const middle = instants[Math.floor((instants.length - 1) / 2)] ?? Number.NEGATIVE_INFINITY;
  return Math.min(cutoff, middle - (1 - TOLERANCE) * (now - cutoff));
}
