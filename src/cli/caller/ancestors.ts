import { closeSync, openSync, readSync } from "node:fs";
import type { Ancestor } from "./agent-signs.ts";

/** No real line of processes is as long. */
const MOST_ANCESTORS = 64;
const MOST_BYTES = 16 * 1024;

/**
 * The processes above this one, the nearest first, as Linux tells in /proc (proc(5)). Elsewhere, and where another
 * user's process hides what it is, there are none or fewer.
 */
export function ancestors(pid = process.ppid): Ancestor[] {
  if (process.platform !== "linux") return [];
  const found: Ancestor[] = [];
  for (let at: number | undefined = pid; at !== undefined && at > 0 && found.length < MOST_ANCESTORS; ) {
    const status = readStart(`/proc/${at}/stat`);
    // The name stands in parentheses, and may have any character.
    const parts = /^\d+ \((.*)\) \S (\d+) /s.exec(status ?? "");
    if (parts === null) return found;
    const [, name = "", parent] = parts;
    const words = (readStart(`/proc/${at}/cmdline`) ?? "").split("\0");
    found.push({ name, words: words.at(-1) === "" ? words.slice(0, -1) : words });
    at = Number(parent);
  }
  return found;
}

/** These files have no size. One read gives as much of them as there is. */
function readStart(path: string): string | undefined {
  try {
    const fd = openSync(path, "r");
    try {
      const buffer = Buffer.alloc(MOST_BYTES);
      return buffer.toString("utf8", 0, readSync(fd, buffer, 0, MOST_BYTES, 0));
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}
