import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "../../src/domain/text/json.ts";

/** Where the format has an agent's log. Written out here, so that the tests do not ask the code where it writes. */
export function logPath(root: string, agent: string): string {
  return join(root, ".kaizen", "metrics", agent, "executions.jsonl");
}

/** Adds text to a log as a writer does that knows nothing of locks: one open, one write. */
export function writeForeignText(root: string, agent: string, text: string | Buffer): void {
  mkdirSync(join(root, ".kaizen", "metrics", agent), { recursive: true });
  appendFileSync(logPath(root, agent), text);
}

export function writeForeignLines(root: string, agent: string, records: readonly JsonObject[]): void {
  writeForeignText(root, agent, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
}

/** Every line of a log as a program that is not ours reads it: parsed strictly but for blank ones, with its newline. */
export function readLogStrictly(root: string, agent: string): JsonObject[] {
  const text = readFileSync(logPath(root, agent), "utf8");
  if (text !== "" && !text.endsWith("\n")) throw new Error("the log does not end with a newline");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line): JsonObject => JSON.parse(line));
}
