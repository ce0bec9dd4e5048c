import type { Execution } from "../domain/execution.ts";
import { decodeLine } from "./jsonl/format/codec.ts";
import { recordTexts } from "./jsonl/format/record-text.ts";

// Lines that another store of the ADR-004 form has written, whichever store they go to.

export { decodeEntry, decodeEvent } from "./jsonl/advice-codec.ts";
export { decodeCheck } from "./jsonl/checks/check-codec.ts";
export { asJson, parseForeignObject } from "./jsonl/format/foreign-json.ts";
export { digitsIn, namedText } from "./jsonl/format/record-text.ts";
export { sideLineText } from "./jsonl/format/side-line.ts";

export interface ForeignRun {
  readonly execution: Execution;
  /** The record as JSON on one line, as its writer wrote it. */
  readonly text: string;
}

/** The runs of a line, and what is wrong with it where something in it could not be read. */
export function readRuns(line: Buffer): { readonly runs: readonly ForeignRun[]; readonly problem: string | undefined } {
  const decoded = decodeLine(line);
  const texts = recordTexts(line, decoded);
  return {
    runs: decoded.executions.map((execution, number) => ({ execution, text: texts[number] ?? "" })),
    problem: decoded.damage?.lost ? decoded.damage.reason : undefined,
  };
}
