import * as z from "zod";
import type { Execution } from "../domain/run/execution.ts";
import { verificationSchema } from "../domain/verification/verification.ts";
import { decodeLine, encodeLine } from "./run-line.ts";
import { decodeSideLine } from "./side-line.ts";

const lineTextsSchema = z.array(z.string()).optional();

/** A run that was taken back. Its lines are texts, so that every byte of them comes back. */
const voidedSchema = z.object({
  agent: z.string(),
  /** Of the run. */
  id: z.string(),
  line: z.string(),
  /** Where in the log the line began. */
  place: z.int().min(0),
  /** Lines of the log that repeat the run: without it they would count in its place. */
  repeats: lineTextsSchema,
  verifications: lineTextsSchema,
  lifecycle: lineTextsSchema,
  evidence: lineTextsSchema,
  voided_by: verificationSchema.shape.verified_by,
  via: verificationSchema.shape.via,
  /** The word came by a door that an agent has as well. */
  unproven: verificationSchema.shape.unproven,
  reason: z.string(),
  voided_at: z.string(),
});

export type VoidedLine = z.infer<typeof voidedSchema>;

/** A voided run as a line of its file, with its newline. */
export function encodeVoided(voided: VoidedLine): Buffer {
  return Buffer.from(encodeLine(voided));
}

/** What is wrong with another line of that file. */
export const NO_VOIDED = "it is not a voided run";

/** Reads a line of the file of voided runs: `undefined` if it holds none, `blank` if it holds nothing at all. */
export function decodeVoided(bytes: Buffer): VoidedLine | "blank" | undefined {
  const voided = decodeSideLine(voidedSchema, bytes);
  return voided === undefined || voided === "blank" || runOf(voided) !== undefined ? voided : undefined;
}

/** The run of a line that was decoded. */
export function runOf({ line }: Pick<VoidedLine, "line">): Execution | undefined {
  const { executions } = decodeLine(Buffer.from(line));
  return executions.length === 1 ? executions[0] : undefined;
}
