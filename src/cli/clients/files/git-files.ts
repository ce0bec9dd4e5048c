import type { Edit, Edited } from "../entry/edit.ts";
import { eolOf } from "../jsonc/json-layout.ts";

/** Branches append to the same logs: a merge keeps the lines of both. Their order does not matter to a reader. */
const PATTERN = ".kaizen/metrics/**/*.jsonl";

/** For a project that shares its runs by git. */
export const gitAttributes: Edit = linesOf(
  [`${PATTERN} merge=union`],
  // It may have more attributes.
  (line) => {
    const [pattern, ...attributes] = line.split(/\s+/);
    return pattern === PATTERN && attributes.includes("merge=union");
  },
);

/** For a project that does not: otherwise each run of a subagent would leave the working copy changed. */
export const gitIgnore: Edit = linesOf(
  ["# The runs of agents stay on this machine; kaizen-metrics init --share has git keep them.", "/.kaizen/"],
  (line) => /^(?:\/|\*\*\/)?\.kaizen(?:\/(?:\*\*?)?)?$/.test(line),
);

/** For a project whose history is in a team's store: git keeps what says so. */
export const gitKeepsMarker: Edit = linesOf(
  [
    "# The history is in the team's store; .kaizen/store.json says which project's.",
    "/.kaizen/*",
    "!/.kaizen/store.json",
  ],
  (line) => line === "!/.kaizen/store.json",
);

/** Lines of ours in a file of lines. `says` tells of a line, without the white space around it, whether it is enough. */
function linesOf(lines: readonly string[], says: (line: string) => boolean): Edit {
  const isThere = (text: string) => text.split(/\r?\n/).some((line) => says(line.trim()));
  return {
    what: `"${lines.at(-1)}"`,
    paste: lines.join("\n"),
    apply(text, { mode }) {
      if (mode === "remove") return remove(text, lines);
      return text !== undefined && isThere(text) ? { text, did: "nothing" } : add(text, lines);
    },
  };
}

function add(text: string | undefined, lines: readonly string[]): Edited {
  if (text === undefined) return { text: `${lines.join("\n")}\n`, did: "added" };
  // By the line break that is missing at its end an empty file is known again.
  if (text === "") return { text: lines.join("\n"), did: "added" };
  const eol = eolOf(text);
  const added = lines.join(eol);
  // A file whose last line is not ended keeps that habit.
  return { text: /\n$/.test(text) ? text + added + eol : text + eol + added, did: "added" };
}

function remove(text: string | undefined, wanted: readonly string[]): Edited {
  if (text === undefined) return { text, did: "nothing" };
  const lines = text.split(/(?<=\n)/);
  const at = lines.findIndex((_, index) => wanted.every((line, next) => lines[index + next]?.trimEnd() === line));
  if (at === -1) return { text, did: "nothing" };
  const end = at + wanted.length;
  const isUnended = !/\n$/.test(lines[end - 1] ?? "");
  const before = lines.slice(0, at).join("");
  const left = (isUnended ? before.replace(/\r?\n$/, "") : before) + lines.slice(end).join("");
  return { text: left === "" && !isUnended ? undefined : left, did: "removed" };
}
