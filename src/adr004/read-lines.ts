import type { Execution } from "../domain/run/execution.ts";
import { recordTexts } from "./record-text.ts";
import { decodeLine } from "./run-line.ts";

// Lines that another store of the ADR-004 form has written, whichever store they go to.

export { decodeEvidence } from "./evidence-line.ts";
export { asJson, parseForeignObject } from "./foreign-json.ts";
export { decodeLifecycleEvent } from "./lifecycle-line.ts";
export { decodeEntry, decodeEvent } from "./recommendation-line.ts";
export { digitsIn, namedText } from "./record-text.ts";
export { sideLineText } from "./side-line.ts";
export { decodeVerification } from "./verification-line.ts";
export { decodeVoided, runOf } from "./voided-line.ts";

export interface ImportedRun {
  readonly execution: Execution;
  /** The record as JSON on one line, as its writer wrote it. */
  readonly text: string;
}

/** Whether a line is, byte for byte, the text that is to be kept of it. */
export function isSpelledAs(line: Buffer, text: string): boolean {
  return Buffer.from(text).equals(line);
}

/** The runs of a line, and what is wrong with it where something in it could not be read. */
export function readRuns(line: Buffer): {
  readonly runs: readonly ImportedRun[];
  readonly problem: string | undefined;
} {
  const decoded = decodeLine(line);
  const texts = recordTexts(line, decoded);
  return {
    runs: decoded.executions.map((execution, number) => ({ execution, text: texts[number] ?? "" })),
    problem: decoded.damage?.lost ? decoded.damage.reason : undefined,
  };
}
