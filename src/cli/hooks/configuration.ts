import { readFileSync, statSync } from "node:fs";
import { parse as parseJsonc } from "jsonc-parser";
import { parse as parseToml } from "smol-toml";
import { isJsonObject, type JsonValue } from "../../domain/json.ts";

/** Nobody writes this much by hand, and there is no time to read it. */
const LARGEST_BYTES = 4 * 1024 * 1024;

type Members = { readonly [key: string]: JsonValue | undefined };

/** The members of a client's configuration; none where there is no such file, or none that can be understood. */
export function readConfiguration(path: string): Members {
  try {
    // A FIFO would keep us waiting for somebody to write to it.
    const stats = statSync(path);
    if (!stats.isFile() || stats.size > LARGEST_BYTES) return {};
    const text = readFileSync(path, "utf8").replace(/^\ufeff/, "");
    return membersOf(path.endsWith(".toml") ? parseToml(text, { integersAsBigInt: true }) : parseJsonc(text));
  } catch {
    return {};
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
