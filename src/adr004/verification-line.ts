import { hasExpired } from "../domain/run/retention.ts";
import { readInstant } from "../domain/run/time.ts";
import { type Verification, verificationSchema } from "../domain/verification/verification.ts";
import { encodeLine } from "./run-line.ts";
import { decodeSideLine } from "./side-line.ts";

/** One verification as a line of its file, with its newline. */
export function encodeVerification(verification: Verification): Buffer {
  return Buffer.from(encodeLine(verification));
}

/** What is wrong with another line of that file. */
export const NO_VERIFICATION = "it is not a verification";

/** Reads a line of the file of verifications: `undefined` if it holds none, `blank` if it holds nothing at all. */
export function decodeVerification(bytes: Buffer): Verification | "blank" | undefined {
  return decodeSideLine(verificationSchema, bytes);
}

/** Whether the run of a verification has expired, as the verification says: its run may have left the log by then. */
export function isExpiredVerification(verification: Verification, cutoff: number): boolean {
  return hasExpired(readInstant(verification.executed_at), cutoff);
}
