import { type Execution, ID_PREFIX, identitiesOf, KEY_PREFIX } from "../../../domain/execution.ts";
import { hasExpired } from "../../../domain/retention.ts";
import type { FileSystem } from "../files/file-system.ts";
import { readLineAt } from "../files/lines.ts";
import { decodeLine } from "../format/codec.ts";
import { hashText, type TextHash } from "./hash.ts";
import type { KeyIndex } from "./key-index.ts";

/** An open log with the index of its runs, and the instant (ms) before which they have expired. */
export interface IndexedLog {
  readonly fileSystem: FileSystem;
  readonly fd: number;
  readonly index: KeyIndex;
  readonly cutoff: number;
}

/** A run with the hashes of what it may be known by, and the runs that stand before it on its line. */
export interface Identified {
  readonly run: Execution;
  /** In the order of `identitiesOf`. */
  readonly hashes: readonly TextHash[];
  readonly sameLine: readonly Execution[];
}

export function identified(run: Execution, sameLine: readonly Execution[]): Identified {
  const hashes: TextHash[] = [];
  if (run.key !== undefined) hashes.push(hashText(run.key, KEY_PREFIX));
  if (run.id !== undefined) hashes.push(hashText(run.id, ID_PREFIX));
  return { run, hashes, sameLine };
}

/** Whether an earlier live run has one of the identities: of several the first counts, as if the others were not there. */
export function isRepeat(log: IndexedLog, { run, hashes, sameLine }: Identified): boolean {
  if (sameLine.length > 0) {
    const known = sameLine.flatMap(identitiesOf);
    if (identitiesOf(run).some((identity) => known.includes(identity))) return true;
  }
  for (const [number, hash] of hashes.entries()) {
    const candidates = log.index.candidates(hash);
    if (candidates.length > 0 && firstAmong(log, candidates, identitiesOf(run)[number] ?? "") !== undefined)
      return true;
  }
  return false;
}

/** A run, and the offset of its line. */
export interface Located {
  readonly execution: Execution;
  readonly place: number;
}

/** The first live run with an identity. */
export function findFirst(log: IndexedLog, identity: string): Located | undefined {
  return firstAmong(log, log.index.candidates(hashText(identity)), identity);
}

/** The index knows hashes only: what stands at the places that it names is read and compared. */
function firstAmong(log: IndexedLog, places: number[], identity: string): Located | undefined {
  for (const place of places.sort((a, b) => a - b)) {
    const { executions } = decodeLine(readLineAt(log.fileSystem, log.fd, place));
    const execution = executions.find((run) => identitiesOf(run).includes(identity) && !hasExpired(run.at, log.cutoff));
    if (execution !== undefined) return { execution, place };
  }
  return undefined;
}
