import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { parse as parseJsonc } from "jsonc-parser";
import { parse as parseToml } from "smol-toml";
import { isJsonObject, type JsonValue } from "../../domain/text/json.ts";
import { MAX_CONFIG_BYTES } from "../clients/files/config-file.ts";
import { noteReading } from "./watchdog.ts";

type Members = { readonly [key: string]: JsonValue | undefined };

/** The members of a client's configuration; none where there is no such file, or none that can be understood. */
export function readConfiguration(path: string, maxBytes = MAX_CONFIG_BYTES): Members {
  try {
    const text = readPlainFile(path, maxBytes)?.replace(/^\ufeff/, "");
    if (text === undefined) return {};
    return membersOf(path.endsWith(".toml") ? parseToml(text, { integersAsBigInt: true }) : parseJsonc(text));
  } catch {
    return {};
  }
}

/** The size is that of the open file: another may be put in its place meanwhile. */
function readPlainFile(path: string, maxBytes: number): string | undefined {
  // Non-blocking, so that a FIFO does not keep us waiting for a writer.
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile() || stats.size > maxBytes) return undefined;
    noteReading(stats.size);
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

/** Events have groups, and groups have handlers. */
export function hooksIn({ hooks }: Members): ConfiguredHook[] {
  return Object.entries(membersOf(hooks)).flatMap(([event, groups]) =>
    itemsOf(groups).flatMap((group) => {
      const { hooks: handlers, matcher } = membersOf(group);
      return itemsOf(handlers).map((handler) => ({ event, matcher, handler }));
    }),
  );
}

function itemsOf(value: JsonValue | undefined): JsonValue[] {
  return Array.isArray(value) ? value : [];
}
