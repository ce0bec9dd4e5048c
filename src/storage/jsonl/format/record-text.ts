import { parseJson } from "../../../domain/json.ts";
import { type DecodedLine, withoutBareWords } from "./codec.ts";

/**
 * The JSON of each run of a line, as it stands there: a number keeps the digits that it was written with, also those
 * that JavaScript would lose. What is not JSON as others know it (NaN) is given as it was read: as null.
 */
export function recordTexts(bytes: Buffer, { damage, executions }: DecodedLine): string[] {
  if (damage === undefined) return executions.length === 0 ? [] : [bytes.toString("utf8").trim()];
  return damage.readable.map((text) => (parseJson(text) === undefined ? withoutBareWords(text) : text));
}
