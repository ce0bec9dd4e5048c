import { readFileSync } from "node:fs";
import { isJsonObject, type JsonObject } from "../domain/json.ts";
import type { Command, CommandContext } from "./define-command.ts";
import { usageError } from "./parse-arguments.ts";

/** The JSON object in a file, or on stdin for `-`. */
export async function readJsonObject(
  file: string,
  context: Pick<CommandContext, "readStdin">,
  command: Pick<Command, "name">,
): Promise<JsonObject> {
  const name = file === "-" ? "stdin" : JSON.stringify(file);
  const text = file === "-" ? await context.readStdin() : readText(file, name, command);
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
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    throw usageError(`${name} cannot be read (${code === "ENOENT" ? "there is no such file" : code}).`, command);
  }
}
