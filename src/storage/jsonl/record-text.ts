import { type DecodedLine, encodeLine } from "./codec.ts";

/**
 * The JSON of each run of a line, as it stands there: a number keeps the digits that it was written with, also those
 * that JavaScript would lose. What is not JSON as others know it (NaN) is written anew.
 */
export function recordTexts(bytes: Buffer, line: DecodedLine): string[] {
  const { damage, executions } = line;
  if (damage === undefined) return executions.length === 0 ? [] : [bytes.toString("utf8").trim()];
  return damage.readable.map((text, number) => (isJson(text) ? text : rewritten(line, number)));
}

function rewritten({ executions }: DecodedLine, number: number): string {
  const execution = executions[number];
  if (execution === undefined) throw new Error("every readable part of a line is a run");
  return encodeLine(execution.record).trimEnd();
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
