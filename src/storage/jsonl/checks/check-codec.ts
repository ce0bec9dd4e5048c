import { parseJson } from "../../../domain/json.ts";
import { hasExpired } from "../../../domain/retention.ts";
import { readInstant } from "../../../domain/time.ts";
import { type Verification, verificationSchema } from "../../../domain/verification.ts";
import { encodeLine, withoutUndefined } from "../format/codec.ts";

/** One check as a line of its file, with its newline. */
export function encodeCheck(check: Verification): Buffer {
  return Buffer.from(encodeLine(withoutUndefined(check)));
}

/** What is wrong with another line of that file. */
export const NO_CHECK = "it is not a check";

/** Reads a line of the file of checks: `undefined` where it holds none, `blank` where it holds nothing at all. */
export function decodeCheck(bytes: Buffer): Verification | "blank" | undefined {
  const text = bytes.toString("utf8");
  if (text.trim() === "") return "blank";
  return verificationSchema.safeParse(parseJson(text)).data;
}

/** Whether the run of a check has expired, as the check says: its run may have left the log by then. */
export function isExpiredCheck(check: Verification, cutoff: number): boolean {
  return hasExpired(readInstant(check.executed_at), cutoff);
}
