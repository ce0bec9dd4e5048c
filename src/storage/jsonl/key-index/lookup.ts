import { decodeLine } from "../../../adr004/run-line.ts";
import { type Execution, ID_PREFIX, identitiesOf, KEY_PREFIX } from "../../../domain/run/execution.ts";
import { hasExpired } from "../../../domain/run/retention.ts";
import type { FileSystem } from "../files/file-system.ts";
import { readLineAt } from "../journal/lines.ts";
import { hashText, type TextHash } from "./hash.ts";
import type { KeyIndex } from "./key-index.ts";
import { runPosition } from "./run-position.ts";

/** An open log with the index of its runs, and the instant (ms) before which they have expired. */
export interface IndexedLog {
  readonly fileSystem: FileSystem;
  readonly fd: number;
  readonly index: KeyIndex;
  /** Runs that repeat an earlier one, named by `runPosition`: they may stand on a line with others that count. */
  readonly repeats: ReadonlySet<string>;
  readonly cutoff: number;
}

/** A run with the hashes of what it may be known by, in the order of `identitiesOf`. */
export interface Identified {
  readonly run: Execution;
  readonly hashes: readonly TextHash[];
}

export function identified(run: Execution): Identified {
  const hashes: TextHash[] = [];
  if (run.key !== undefined) hashes.push(hashText(run.key, KEY_PREFIX));
  if (run.id !== undefined) hashes.push(hashText(run.id, ID_PREFIX));
  return { run, hashes };
}

/** What a run counts for: nothing once it has expired, nor as long as it repeats an earlier one that counts. */
type Standing = "counts" | "expired" | { readonly repeats: Execution };

export interface Judged extends Identified {
  readonly standing: Standing;
}

/** Judges the runs of a line that is not in the index yet. Of several with one identity the first live one counts. */
export function deduplicate(log: IndexedLog, line: readonly Identified[]): Judged[] {
  const deduplicated: Judged[] = [];
  for (const identified of line) {
    const { run, hashes } = identified;
    deduplicated.push({ run, hashes, standing: standingOf(log, identified, deduplicated) });
  }
  return deduplicated;
}

function standingOf(log: IndexedLog, identified: Identified, before: readonly Judged[]): Standing {
  if (hasExpired(identified.run.at, log.cutoff)) return "expired";
  const repeats = findSharing(before, identified.run) ?? findEarlier(log, identified);
  return repeats === undefined ? "counts" : { repeats };
}

function findSharing(before: readonly Judged[], run: Execution): Execution | undefined {
  if (before.length === 0) return undefined;
  const identities = identitiesOf(run);
  const shares = (other: Execution) => identitiesOf(other).some((identity) => identities.includes(identity));
  return before.find(({ standing, run: other }) => standing === "counts" && shares(other))?.run;
}

function findEarlier(log: IndexedLog, { run, hashes }: Identified): Execution | undefined {
  for (const [number, hash] of hashes.entries()) {
    const candidates = log.index.candidates(hash);
    if (candidates.length === 0) continue;
    const first = firstAmong(log, candidates, identitiesOf(run)[number] ?? "");
    if (first !== undefined) return first.execution;
  }
  return undefined;
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
    const execution = executions.find(
      (run, number) =>
        identitiesOf(run).includes(identity) &&
        !hasExpired(run.at, log.cutoff) &&
        !log.repeats.has(runPosition(place, number)),
    );
    if (execution !== undefined) return { execution, place };
  }
  return undefined;
}
