import { decodeLine } from "../../../adr004/run-line.ts";
import { type Execution, hasOwnId, ID_PREFIX, identitiesOf, KEY_PREFIX } from "../../../domain/run/execution.ts";
import { cutoffWhenEnded, hasExpired, type RetentionDays } from "../../../domain/run/retention.ts";
import type { FileSystem } from "../files/file-system.ts";
import { readLineAt } from "../journal/lines.ts";
import { hashText, type TextHash } from "./hash.ts";
import type { KeyIndex } from "./key-index.ts";
import { runPosition } from "./run-position.ts";

/** Tells which runs repeat an earlier one, by their `runPosition`. */
export interface Duplicates {
  has(position: string): boolean;
}

/** An open log with the index of its runs. */
export interface IndexedLog {
  readonly fileSystem: FileSystem;
  readonly fd: number;
  readonly index: KeyIndex;
  /** They may stand on a line with runs that count. */
  readonly duplicates: Duplicates;
}

/** A run with the hashes of what it may be known by, in the order of `identitiesOf`. */
export interface Identified {
  readonly run: Execution;
  readonly hashes: readonly TextHash[];
  /** Of an id that is made of what the run says: it is called by that, and known by no such thing. */
  readonly called: TextHash | undefined;
}

export function identified(run: Execution): Identified {
  const hashes: TextHash[] = [];
  const isOwn = hasOwnId(run);
  const id = hashText(run.id, ID_PREFIX);
  if (run.key !== undefined) hashes.push(hashText(run.key, KEY_PREFIX));
  if (isOwn) hashes.push(id);
  return { run, hashes, called: isOwn ? undefined : id };
}

/** A line of a log, and where it begins. */
export interface IdentifiedLine {
  readonly start: number;
  readonly runs: readonly Identified[];
}

export interface Deduplicated extends Identified {
  /** Where the line begins that has the run that this one repeats; `undefined` if this one counts. */
  readonly repeats: number | undefined;
}

/**
 * Tells which runs of a line that is not in the index yet count. A run repeats an earlier one that counts, and shares its
 * key or its id, if that one had not expired when this one ended. So no clock has a say: only the runs and the retention.
 */
export function deduplicate(log: IndexedLog, retentionDays: RetentionDays, line: IdentifiedLine): Deduplicated[] {
  const deduplicated: Deduplicated[] = [];
  for (const { called, run, hashes } of line.runs) {
    const cutoff = cutoffWhenEnded(run, retentionDays);
    const isOnLine = deduplicated.some((other) => other.repeats === undefined && isRepeated(other.run, run, cutoff));
    const repeats = isOnLine ? line.start : findEarlier(log, { run, hashes }, cutoff)?.place;
    deduplicated.push({ called, run, hashes, repeats });
  }
  return deduplicated;
}

function isRepeated(earlier: Execution, run: Execution, cutoff: number): boolean {
  if (hasExpired(earlier.at, cutoff)) return false;
  const identities = identitiesOf(run);
  return identitiesOf(earlier).some((identity) => identities.includes(identity));
}

function findEarlier(
  log: IndexedLog,
  { run, hashes }: Omit<Identified, "called">,
  cutoff: number,
): Located | undefined {
  for (const [number, hash] of hashes.entries()) {
    const candidates = log.index.candidates(hash);
    if (candidates.length === 0) continue;
    const last = lastAmong(log, candidates, identitiesOf(run)[number] ?? "");
    if (last !== undefined && !hasExpired(last.execution.at, cutoff)) return last;
  }
  return undefined;
}

/** A run, and the offset of its line. */
export interface Located {
  readonly execution: Execution;
  readonly place: number;
}

/** The last run with an identity that counts. Others that do had expired when it ended, so it is the one that lives longest. */
export function findLast(log: IndexedLog, identity: string): Located | undefined {
  return lastAmong(log, log.index.candidates(hashText(identity)), identity);
}

/** Of runs that say exactly the same the first ones that count, in the order of the log: as many as tell one from several. */
export function findFirst(log: IndexedLog, contentId: string): Located[] {
  const places = new Set(log.index.candidates(hashText(contentId, ID_PREFIX)));
  return [...places]
    .sort((a, b) => a - b)
    .flatMap((place) =>
      runsAt(log, place).flatMap((execution) => (execution.id === contentId ? [{ execution, place }] : [])),
    );
}

/** More places of the same content say no more: there may be any number of them, which the index is not made for. */
const KEPT_COPIES = 2;

/** Takes in what a run is known by and called by. */
export function addToIndex(index: KeyIndex, { called, hashes }: Identified, place: number): void {
  for (const hash of hashes) index.add(hash, place);
  if (called !== undefined && index.candidates(called).length < KEPT_COPIES) index.add(called, place);
}

/** The index knows hashes only: what stands at the places that it names is read and compared. */
function lastAmong(log: IndexedLog, places: number[], identity: string): Located | undefined {
  for (const place of places.sort((a, b) => b - a)) {
    const execution = runsAt(log, place).findLast((run) => identitiesOf(run).includes(identity));
    if (execution !== undefined) return { execution, place };
  }
  return undefined;
}

/** The runs of a line that count. */
function runsAt({ duplicates, fd, fileSystem }: IndexedLog, place: number): Execution[] {
  const { executions } = decodeLine(readLineAt(fileSystem, fd, place));
  return executions.filter((_, number) => !duplicates.has(runPosition(place, number)));
}
