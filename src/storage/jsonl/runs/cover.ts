import { type Damage, type DecodedLine, decodeLine } from "../../../adr004/run-line.ts";
import { addToHistory } from "../../../domain/figures/history.ts";
import type { RetentionDays } from "../../../domain/run/retention.ts";
import type { OnNotice } from "../../notice.ts";
import type { FileSystem } from "../files/file-system.ts";
import { noteDamage } from "../journal/damage-notes.ts";
import { anchorAfter, readAnchor } from "../journal/fingerprint.ts";
import { forEachLine } from "../journal/lines.ts";
import { runPosition } from "../journal/run-position.ts";
import type { TextHash } from "../key-index/hash.ts";
import { deduplicate, type IdentifiedLine, identified } from "../key-index/lookup.ts";
import type { Covered } from "./covered.ts";
import { isStillTail } from "./tail.ts";

const NEWLINE = 0x0a;
/** So many lines are decoded before they are taken in, so that the index looks at its slots for all of them at once. */
const LINES_AT_ONCE = 64;
/** A longer line waits for no other, so that little is held at a time. */
const LONG_LINE_BYTES = 64 * 1024;
/** Reading more than this from the start is noticed by who waits for it. */
const NOTICEABLE_BYTES = 16 * 1024 * 1024;

/** A log that is being read, and how long its runs are kept. */
export interface OpenLog {
  readonly fileSystem: FileSystem;
  readonly fd: number;
  /** How it is called in notices. */
  readonly path: string;
  readonly retentionDays: RetentionDays;
  readonly onNotice: OnNotice;
}

/** Reads what an open log holds from where it is covered up to its size. */
export async function coverRest(covered: Covered, log: OpenLog, size: number): Promise<void> {
  if (isStillTail(log.fileSystem, log.fd, covered, size) || size === covered.offset) return;
  const noticeable = size - covered.offset > NOTICEABLE_BYTES;
  // Only a writer keeps what was learned: whoever just reads says this again the next time.
  const rest = Math.round((size - covered.offset) / 1e6);
  if (noticeable) log.onNotice(`reading ${rest} MB of ${log.path} that its index does not have`);
  const lines: ReadLine[] = [];
  const end = await forEachLine(log.fileSystem, log.fd, { from: covered.offset, to: size }, (bytes, start) => {
    lines.push(readLine(decodeLine(bytes), start));
    const isEnough = lines.length === LINES_AT_ONCE || bytes.length > LONG_LINE_BYTES;
    if (isEnough) coverLines(covered, log, lines.splice(0));
  });
  coverLines(covered, log, lines);
  covered.offset = end;
  covered.searched = size;
  covered.anchor = readAnchor(log.fileSystem, log.fd, covered.offset);
}

/** Takes in whole lines that stand right behind what is covered, from memory. */
export function coverAppended(covered: Covered, log: OpenLog, bytes: Buffer): void {
  const lines: ReadLine[] = [];
  let start = 0;
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
    lines.push(readLine(decodeLine(bytes.subarray(start, end)), covered.offset + start));
    start = end + 1;
  }
  coverLines(covered, log, lines);
  covered.anchor = anchorAfter(covered.anchor, bytes);
  covered.offset += bytes.length;
  covered.searched = covered.offset;
}

/** A line of the log, decoded. */
export interface ReadLine extends IdentifiedLine {
  readonly damage: Damage | undefined;
}

export function readLine({ executions, damage }: DecodedLine, start: number): ReadLine {
  return { start, runs: executions.map(identified), damage };
}

/** Takes in lines in their order. They stand in the open log. */
export function coverLines(covered: Covered, log: OpenLog, lines: readonly ReadLine[]): void {
  const hashes: TextHash[] = [];
  for (const { runs } of lines) for (const run of runs) for (const hash of run.hashes) hashes.push(hash);
  covered.index.preload(hashes);
  for (const line of lines) coverLine(covered, log, line);
}

function coverLine(covered: Covered, log: OpenLog, { start, runs, damage }: ReadLine): void {
  const { path, retentionDays, onNotice } = log;
  if (damage?.lost) noteDamage(covered, { path, start, reason: damage.reason }, onNotice);
  const { history, index, duplicates } = covered;
  const deduplicated = deduplicate({ ...log, index, duplicates }, retentionDays, { start, runs });
  for (const [number, { run, hashes, repeats }] of deduplicated.entries()) {
    if (repeats === undefined) {
      addToHistory(history, run, start);
      for (const hash of hashes) index.add(hash, start);
    } else duplicates.set(runPosition(start, number), repeats);
  }
}
