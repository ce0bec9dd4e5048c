import { decodeLine } from "../../../adr004/run-line.ts";
import type { FileSystem } from "../files/file-system.ts";
import { linesBackwards } from "../journal/lines.ts";

/** So many of the last lines say what time it is. */
const WITNESSES = 21;
/** How far the clock may be ahead of them, as a share of the retention: they are no clock, and most are older. */
const TOLERANCE = 0.1;
/** So much of a file is looked through for them. */
const LOOKED_THROUGH_BYTES = 4 * 1024 * 1024;

/** The instants (ms) that a line is a witness of. */
export type WitnessesIn = (line: Buffer) => readonly (number | undefined)[];

/** A run is one of when it was recorded. */
const runsIn: WitnessesIn = (line) => decodeLine(line).executions.map(({ at }) => at);

/**
 * The instant (ms) up to which lines may be taken out for good. A clock that is far ahead hides what has expired by it for
 * as long as it is: it must not delete it. So the clock is believed only as far as the file agrees: up to a tenth of the
 * retention after what most of the last lines say that stand before `end`.
 */
export async function supportedCutoff(
  fileSystem: FileSystem,
  fd: number,
  end: number,
  { cutoff, now }: { readonly cutoff: number; readonly now: number },
  witnessesIn = runsIn,
): Promise<number> {
  const instants: number[] = [];
  for await (const { start, bytes } of linesBackwards(fileSystem, fd, end)) {
    for (const at of witnessesIn(bytes)) if (at !== undefined) instants.push(at);
    if (instants.length >= WITNESSES || end - start > LOOKED_THROUGH_BYTES) break;
  }
  instants.sort((a, b) => a - b);
  const middle = instants[Math.floor((instants.length - 1) / 2)] ?? Number.NEGATIVE_INFINITY;
  return Math.min(cutoff, middle - (1 - TOLERANCE) * (now - cutoff));
}
