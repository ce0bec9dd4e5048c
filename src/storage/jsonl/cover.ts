import type { Execution } from "../../domain/execution.ts";
import { addToHistory } from "../../domain/history.ts";
import { hasExpired } from "../../domain/retention.ts";
import { type Damage, decodeLine } from "./codec.ts";
import type { Covered } from "./covered.ts";
import type { FileSystem } from "./file-system.ts";
import { forEachLine } from "./lines.ts";
import { identified, isRepeat } from "./lookup.ts";
import { readAnchor } from "./mark.ts";

const noRuns: readonly Execution[] = [];
/** So many damaged lines of a log are named. */
const NAMED_LINES = 5;
/** Reading more than this from the start is noticed by who waits for it. */
const NOTICEABLE_BYTES = 16 * 1024 * 1024;

/** A log that is being read, and the instant (ms) before which its runs have expired. */
export interface OpenLog {
  readonly fileSystem: FileSystem;
  readonly fd: number;
  /** How it is called in notices. */
  readonly path: string;
  readonly cutoff: number;
  readonly onNotice: (message: string) => void;
}

/** Reads what an open log holds from where it is covered up to its size. */
export async function coverRest(covered: Covered, log: OpenLog, size: number): Promise<void> {
  if (size === covered.offset) return;
  const noticeable = size - covered.offset > NOTICEABLE_BYTES;
  if (noticeable) log.onNotice(`reading ${Math.round(size / 1e6)} MB of ${log.path} to rebuild its index`);
  await forEachLine(log.fileSystem, log.fd, { from: covered.offset, to: size }, (bytes, start) => {
    coverLine(covered, log, bytes, start);
    covered.offset = start + bytes.length + 1;
  });
  covered.anchor = readAnchor(log.fileSystem, log.fd, covered.offset);
  if (noticeable) log.onNotice(`the index of ${log.path} is there again`);
}

/** Takes in the line that begins at `start`, without its newline. */
function coverLine(covered: Covered, log: OpenLog, bytes: Buffer, start: number): void {
  const { executions, damage } = decodeLine(bytes);
  if (damage !== undefined) noteDamage(covered, log, damage, start);
  for (let number = 0; number < executions.length; number += 1) {
    const run = executions[number] as Execution;
    if (hasExpired(run.at, log.cutoff)) {
      covered.expiredRuns += 1;
      covered.expiredCutoff = Math.max(covered.expiredCutoff, log.cutoff);
      continue;
    }
    const names = identified(run, number === 0 ? noRuns : executions.slice(0, number));
    const { fileSystem, fd, cutoff } = log;
    if (isRepeat({ fileSystem, fd, index: covered.index, cutoff }, names)) {
      covered.repeats.add(`${start}:${number}`);
    } else {
      addToHistory(covered.history, run, start);
      for (const hash of names.hashes) covered.index.add(hash, start);
    }
  }
}

/** Counts a line in which something was lost, and names the first ones: who runs the server should hear of them. */
function noteDamage(covered: Covered, log: OpenLog, damage: Damage, start: number): void {
  if (!damage.lost) return;
  covered.damagedLines += 1;
  if (covered.damagedLines > NAMED_LINES) return;
  const further = covered.damagedLines === NAMED_LINES ? "; further ones are only counted" : "";
  log.onNotice(`set aside: the line at byte ${start} of ${log.path}: ${damage.reason}${further}`);
}
