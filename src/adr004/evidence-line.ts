import { EVIDENCE_VERSION, type EvidenceLine, evidenceLineSchema } from "../domain/evidence/evidence.ts";
import { parseForeignObject } from "./foreign-json.ts";
import { encodeLine } from "./run-line.ts";
import { decodeSideLine } from "./side-line.ts";

/** What is known of a run as a line of its file, with its newline. The schema lets nothing else through. */
export function encodeEvidence(evidence: Omit<EvidenceLine, "v">): Buffer {
  return Buffer.from(encodeLine(evidenceLineSchema.parse({ ...evidence, v: EVIDENCE_VERSION })));
}

/** What is wrong with another line of that file. */
export const NO_EVIDENCE = "it is not evidence of a run";

/**
 * Reads a line of the file of evidence: `undefined` if it holds none, `blank` if it holds nothing that this version reads.
 * That is also a line of a later version: it is no damage, and stays where it is for a program that knows it.
 */
export function decodeEvidence(bytes: Buffer): EvidenceLine | "blank" | undefined {
  const decoded = decodeSideLine(evidenceLineSchema, bytes);
  return decoded === undefined && isOfLaterVersion(bytes) ? "blank" : decoded;
}

function isOfLaterVersion(bytes: Buffer): boolean {
  const v = parseForeignObject(bytes.toString())?.v;
  return Number.isInteger(v) && Number(v) > EVIDENCE_VERSION;
}
