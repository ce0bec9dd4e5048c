import { hasExpired } from "../domain/run/retention.ts";
import { readInstant } from "../domain/run/time.ts";
import { type Verification, verificationSchema } from "../domain/verification/verification.ts";
import { encodeLine } from "./run-line.ts";
import { decodeSideLine } from "./side-line.ts";

/** One check as a line of its file, with its newline. */
export function encodeCheck(check: Verification): Buffer {
  return Buffer.from(encodeLine(check));
}

/** What is wrong with another line of that file. */
export const NO_CHECK = "it is not a check";

/** Reads a line of the file of checks: `undefined` where it holds none, `blank` where it holds nothing at all. */
export function decodeCheck(bytes: Buffer): Verification | "blank" | undefined {
  return decodeSideLine(verificationSchema, bytes);
}

/** Whether the run of a check has expired, as the check says: its run may have left the log by then. */
export function isExpiredCheck(check: Verification, cutoff: number): boolean {
  return hasExpired(readInstant(check.executed_at), cutoff);
}
