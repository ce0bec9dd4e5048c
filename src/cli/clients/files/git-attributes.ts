import type { Edit, Edited } from "../entry/edit.ts";
import { eolOf } from "../jsonc/json-layout.ts";

/** Branches append to the same logs: a merge keeps the lines of both. Their order does not matter to a reader. */
const PATTERN = ".kaizen/metrics/**/*.jsonl";
const LINE = `${PATTERN} merge=union`;

export const gitAttributes: Edit = {
  what: `"${LINE}"`,
  paste: LINE,
  apply: (text, { mode }) => (mode === "add" ? add(text) : remove(text)),
};

function add(text: string | undefined): Edited {
  if (text === undefined) return { text: `${LINE}\n`, did: "added" };
  if (text.split(/\r?\n/).some(isThere)) return { text, did: "nothing" };
  const eol = eolOf(text);
  // A file whose last line is not ended keeps that habit.
  const added = text === "" || /\n$/.test(text) ? text + LINE + (text === "" ? "" : eol) : text + eol + LINE;
  return { text: added, did: "added" };
}

/** Whether a line says it already, maybe with more attributes. */
function isThere(line: string): boolean {
  const [pattern, ...attributes] = line.trim().split(/\s+/);
  return pattern === PATTERN && attributes.includes("merge=union");
}

function remove(text: string | undefined): Edited {
  if (text === undefined) return { text, did: "nothing" };
  const lines = text.split(/(?<=\n)/);
  const at = lines.findIndex((line) => line.trimEnd() === LINE);
  if (at === -1) return { text, did: "nothing" };
  const isUnended = !/\n$/.test(lines[at] ?? "");
  const before = lines.slice(0, at).join("");
  const left = (isUnended ? before.replace(/\r?\n$/, "") : before) + lines.slice(at + 1).join("");
  return { text: left === "" && !isUnended ? undefined : left, did: "removed" };
}
