import { type DecodedLine, decodeLine, type LineReader } from "../../../adr004/run-line.ts";
import { hasExpired } from "../../../domain/run/retention.ts";
import type { Judgement } from "../journal/quarantine.ts";

/** A log up to this size is rewritten as soon as a run in it has expired. */
const PROMPT_PRUNING_BYTES = 128 * 1024;
/** A larger one only once this share of its runs has: so that, spread over the appends between, rewriting costs little. */
const PRUNED_SHARE = 0.25;

/** The runs of a file by age, as far as they are known. */
export interface CountByAge {
  readonly sizeBytes: number;
  readonly expiredRuns: number;
  readonly liveRuns: number;
}

/** Whether an append should rewrite the log to be rid of expired runs. */
export function isPruningDue(log: CountByAge): boolean {
  if (log.expiredRuns === 0) return false;
  return isPrunedAtOnce(log.sizeBytes) || log.expiredRuns >= PRUNED_SHARE * (log.expiredRuns + log.liveRuns);
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
