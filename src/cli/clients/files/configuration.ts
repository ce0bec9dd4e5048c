import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { type ParseError, parse as parseJsonc } from "jsonc-parser";
import { isJsonObject, type JsonValue } from "../../../domain/text/json.ts";
import { MAX_CONFIG_BYTES } from "./config-file.ts";

export type Members = { readonly [key: string]: JsonValue | undefined };

export interface ReadingLimits {
  readonly maxBytes?: number | undefined;
  /** Told how many bytes are about to be read. */
  readonly onRead?: ((bytes: number) => void) | undefined;
  /** Told of a file that is there, and is not of its form or may not be read. */
  readonly onBroken?: (() => void) | undefined;
}

/** The members of a client's configuration; none if there is no such file, or none that can be understood. */
export function readConfiguration(path: string, limits: ReadingLimits = {}): Members {
  const errors: ParseError[] = [];
  const options = { allowTrailingComma: true, allowEmptyContent: true };
  const members = readMembers(path, (text) => parseJsonc(text, errors, options), limits);
  if (errors.length > 0) limits.onBroken?.();
  return members;
}

/** By the parser of a file's own form. */
export function readMembers(path: string, parse: (text: string) => unknown, limits: ReadingLimits): Members {
  try {
    const text = readPlainFile(path, limits)?.replace(/^\ufeff/, "");
    return text === undefined ? {} : membersOf(parse(text));
  } catch (error) {
    const isNotThere = error instanceof Error && "code" in error && ["ENOENT", "ENOTDIR"].includes(String(error.code));
    if (!isNotThere) limits.onBroken?.();
    return {};
  }
}

/** The size is that of the open file: another may be put in its place meanwhile. */
function readPlainFile(path: string, { maxBytes = MAX_CONFIG_BYTES, onRead }: ReadingLimits): string | undefined {
  // Non-blocking, so that a FIFO does not keep us waiting for a writer.
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile() || stats.size > maxBytes) return undefined;
    onRead?.(stats.size);
    return readFileSync(fd, "utf8");
  } finally {
    closeSync(fd);
  }
}

export function membersOf(value: unknown): Members {
  return isJsonObject(value) ? value : {};
}

/** What a client runs for an event. */
export interface ConfiguredHook {
  readonly event: string;
  /** For which agents or sources; for all where it is not there. */
  readonly matcher: JsonValue | undefined;
  readonly handler: JsonValue;
}

/** Events have groups, and groups have handlers; Copilot CLI and Cursor have handlers only. */
export function hooksIn({ hooks }: Members): ConfiguredHook[] {
  return Object.entries(membersOf(hooks)).flatMap(([event, groups]) =>
    itemsOf(groups).flatMap((group) => {
      const { hooks: handlers, matcher } = membersOf(group);
      const own = handlers === undefined ? handlersByLine(membersOf(group)) : itemsOf(handlers);
      return own.map((handler) => ({ event, matcher, handler }));
    }),
  );
}

/** The names of a handler's lines, one for each shell. */
const LINES = ["command", "bash", "powershell"];

/** A handler for each different line of one. */
function handlersByLine(handler: Members): JsonValue[] {
  const lines = LINES.map((name) => handler[name]).filter((line) => typeof line === "string");
  return [...new Set(lines)].map((command) => ({ command }));
}

function itemsOf(value: JsonValue | undefined): JsonValue[] {
  return Array.isArray(value) ? value : [];
}
