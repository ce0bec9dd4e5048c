import { hasExpired } from "../../domain/retention.ts";
import { type DecodedLine, decodeLine } from "./codec.ts";
import type { LineFate } from "./rewrite.ts";

/** A log up to this size is rewritten as soon as a run in it has expired. */
const PROMPT_PRUNING_BYTES = 128 * 1024;
/** A larger one only once this share of its runs has: so that, spread over the appends between, rewriting costs little. */
const PRUNED_SHARE = 0.25;

/** Whether an append should rewrite the log to be rid of expired runs. */
export function isPruningDue(log: { sizeBytes: number; expiredRuns: number; liveRuns: number }): boolean {
  if (log.expiredRuns === 0) return false;
  return log.sizeBytes <= PROMPT_PRUNING_BYTES || log.expiredRuns >= PRUNED_SHARE * (log.expiredRuns + log.liveRuns);
}

/** A line leaves when every run in it has expired. One in which something cannot be read stays: it may hold a live run. */
export function pruneFate(bytes: Buffer, cutoff: number): { fate: LineFate; removed: number } {
  const { executions, damage } = decodeLine(bytes);
  const hasLeft =
    damage?.lost !== true && executions.length > 0 && executions.every((run) => hasExpired(run.at, cutoff));
  return hasLeft ? { fate: "drop", removed: executions.length } : { fate: "keep", removed: 0 };
}

/** A damaged line gives way to the records that can be read in it, as they stand there, each on a line of its own. */
export function repairFate(bytes: Buffer): LineFate {
  const { damage } = decodeLine(bytes);
  if (damage === undefined) return "keep";
  const readable = Buffer.from(damage.readable.map((record) => `${record}\n`).join(""));
  return readable.equals(Buffer.concat([bytes, Buffer.from("\n")])) ? "keep" : { replaceBy: readable };
}

/** Whether a line goes to the quarantine as it is. */
export function isQuarantined(line: DecodedLine): boolean {
  return line.damage?.lost === true;
}
