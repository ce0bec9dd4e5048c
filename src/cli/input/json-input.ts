import { closeSync, constants, openSync, readSync, statSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { isJsonObject, type JsonObject } from "../../domain/text/json.ts";
import { KaizenError } from "../../errors.ts";
import type { Command, CommandContext } from "../frame/define-command.ts";
import { usageError } from "../frame/parse-arguments.ts";

/** Sixty-four times the largest run that is taken. */
const MAX_BYTES = 4 * 1024 * 1024;

/** The JSON object in a file, or on stdin for `-`. */
export async function readJsonObject(
  file: string,
  context: Pick<CommandContext, "readStdin">,
  command: Pick<Command, "name">,
): Promise<JsonObject> {
  const name = file === "-" ? "stdin" : JSON.stringify(file);
  const text = file === "-" ? await context.readStdin(MAX_BYTES) : await readText(file, name, command);
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

async function readText(file: string, name: string, command: Pick<Command, "name">): Promise<string> {
  let bytes: Buffer | undefined;
  try {
    const stats = statSync(file);
    if (!stats.isFile() && !stats.isFIFO()) throw usageError(`${name} is no plain file or pipe.`, command);
    bytes = await readBounded(file);
    if (stats.isFIFO() && bytes?.length === 0)
      throw usageError(`${name} is a pipe, and nothing comes from it.`, command);
  } catch (error) {
    if (error instanceof KaizenError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    throw usageError(`${name} cannot be read (${code === "ENOENT" ? "there is no such file" : code}).`, command);
  }
  if (bytes === undefined) throw usageError(`${name} has more than ${MAX_BYTES} bytes.`, command);
  return bytes.toString("utf8");
}

/** What a file holds; `undefined` if that is too much. What its size is said to be counts for nothing. */
async function readBounded(file: string): Promise<Buffer | undefined> {
  // Non-blocking, so that a pipe does not keep us waiting for a writer: without one it is at its end.
  const fd = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const buffer = Buffer.alloc(MAX_BYTES + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += Math.max(read, 0)) {
      read = readIfAny(fd, buffer, length);
      if (read < 0) await delay(LOOK_AGAIN_MS);
    }
    return length > MAX_BYTES ? undefined : buffer.subarray(0, length);
  } finally {
    closeSync(fd);
  }
}

/** So often a pipe is looked at whose writer takes its time. */
const LOOK_AGAIN_MS = 20;

/** How many bytes there were, 0 at the end; -1 if a writer of the pipe is still there. */
function readIfAny(fd: number, buffer: Buffer, from: number): number {
  try {
    return readSync(fd, buffer, from, buffer.length - from, null);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EAGAIN") return -1;
    throw error;
  }
}
