import { type DecodedLine, decodeLine, type LineReader } from "../../../adr004/run-line.ts";
import { hasExpired } from "../../../domain/run/retention.ts";
import { type EntriesByAge, isWorthPruning } from "../../shared/pruning.ts";
import type { Judgement } from "../journal/quarantine.ts";

/** A log up to this size is rewritten as soon as a run in it has expired. */
const PROMPT_PRUNING_BYTES = 128 * 1024;

/** The runs of a file by age, as far as they are known. */
export interface CountByAge extends EntriesByAge {
  readonly sizeBytes: number;
}

/** Whether an append should rewrite the log to be rid of expired runs. */
export function isPruningDue(log: CountByAge): boolean {
  return isWorthPruning(log, isPrunedAtOnce(log.sizeBytes));
}

/** Whether that takes no longer than an append may take. */
export function isPrunedAtOnce(sizeBytes: number): boolean {
  return sizeBytes <= PROMPT_PRUNING_BYTES;
}

/** A line leaves when every run in it has expired. One in which something cannot be read stays: it may hold a live run. */
export function hasLeft({ executions, damage }: DecodedLine, cutoff: number): boolean {
  return damage?.lost !== true && executions.length > 0 && executions.every((run) => hasExpired(run.at, cutoff));
}

/**
 * A damaged line gives way to the records that can be read in it, as they stand there, each on a line of its own. One that
 * holds a single record, all of it readable, stays byte for byte.
 */
export function judgeLine(bytes: Buffer, read: LineReader = decodeLine): Judgement {
  const { damage } = read(bytes);
  if (damage === undefined || (!damage.lost && damage.readable.length === 1)) return { result: "keep", isLost: false };
  const readable = damage.readable.map((record) => `${record}\n`).join("");
  return { result: { replaceBy: Buffer.from(readable) }, isLost: damage.lost };
}
