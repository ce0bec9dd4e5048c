import { decodeLine } from "../../../adr004/run-line.ts";
import { type RetentionClock, supportedCutoff, WITNESSES } from "../../shared/pruning.ts";
import type { FileSystem } from "../files/file-system.ts";
import { linesBackwards } from "../journal/lines.ts";

/** So much of a file is looked through for them. */
const LOOKED_THROUGH_BYTES = 4 * 1024 * 1024;

/** The instants (ms) that a line is a witness of. */
export type WitnessesIn = (line: Buffer) => readonly (number | undefined)[];

/** A run is one of when it was recorded. */
const runsIn: WitnessesIn = (line) => decodeLine(line).executions.map(({ at }) => at);

/** The instant (ms) up to which lines may be taken out for good, by the last lines that stand before `end`. */
export async function supportedCutoffIn(
  fileSystem: FileSystem,
  fd: number,
  end: number,
  clock: RetentionClock,
  witnessesIn = runsIn,
): Promise<number> {
  const instants: number[] = [];
  for await (const { start, bytes } of linesBackwards(fileSystem, fd, end)) {
    for (const at of witnessesIn(bytes)) if (at !== undefined) instants.push(at);
    if (instants.length >= WITNESSES || end - start > LOOKED_THROUGH_BYTES) break;
  }
  return supportedCutoff(instants, clock);
}
