import { closeSync, openSync, readSync, statSync } from "node:fs";
import { isJsonObject, type JsonObject } from "../domain/json.ts";
import { KaizenError } from "../errors.ts";
import type { Command, CommandContext } from "./define-command.ts";
import { usageError } from "./parse-arguments.ts";

/** Sixty-four times the largest run that is taken. */
const MAX_BYTES = 4 * 1024 * 1024;

/** The JSON object in a file, or on stdin for `-`. */
export async function readJsonObject(
  file: string,
  context: Pick<CommandContext, "readStdin">,
  command: Pick<Command, "name">,
): Promise<JsonObject> {
  const name = file === "-" ? "stdin" : JSON.stringify(file);
  const text = file === "-" ? await context.readStdin(MAX_BYTES) : readText(file, name, command);
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    throw usageError(
      text.trim() === "" ? `${name} is empty; a JSON object is expected.` : `${name} does not hold JSON.`,
      command,
    );
  }
  if (isJsonObject(value)) return value;
  throw usageError(`${name} does not hold a JSON object.`, command);
}

function readText(file: string, name: string, command: Pick<Command, "name">): string {
  let bytes: Buffer | undefined;
  try {
    const stats = statSync(file);
    if (!stats.isFile() && !stats.isFIFO()) throw usageError(`${name} is no plain file or pipe.`, command);
    bytes = readBounded(file);
  } catch (error) {
    if (error instanceof KaizenError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    throw usageError(`${name} cannot be read (${code === "ENOENT" ? "there is no such file" : code}).`, command);
  }
  if (bytes === undefined) throw usageError(`${name} has more than ${MAX_BYTES} bytes.`, command);
  return bytes.toString("utf8");
}

/** What a file holds; `undefined` where that is too much. What its size is said to be counts for nothing. */
function readBounded(file: string): Buffer | undefined {
  const fd = openSync(file, "r");
  try {
    const buffer = Buffer.alloc(MAX_BYTES + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = readSync(fd, buffer, length, buffer.length - length, null);
    }
    return length > MAX_BYTES ? undefined : buffer.subarray(0, length);
  } finally {
    closeSync(fd);
  }
}
