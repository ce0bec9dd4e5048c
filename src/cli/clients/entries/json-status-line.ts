import type { Node } from "jsonc-parser";
import { plainLine } from "../../../domain/text/plain-text.ts";
import { type Edit, type Edited, EditRefused } from "../entry/edit.ts";
import { handlerWords } from "../entry/hook-command.ts";
import { startsThisProgram, strangeWords, wordsUpToProgram } from "../entry/launch.ts";
import { insertAt, removeNode, replaceNode } from "../jsonc/json-text.ts";
import { jsonOf, memberOf, parseJson, placeOf } from "../jsonc/json-tree.ts";

const KEY = "statusLine";

/** The one status line of Claude Code. Another program's stays, whatever is asked for: a person has chosen it. */
export function jsonStatusLine(command: string): Edit {
  const wanted = { type: "command", command };
  return {
    what: "status line",
    paste: JSON.stringify({ [KEY]: wanted }, null, 2),
    apply(text, { mode }): Edited {
      const present = statusLineIn(text);
      if (text === undefined || present === undefined) {
        if (mode === "remove") return { text, did: "nothing" };
        return { text: insertAt(text, [], { key: KEY, value: wanted }), did: "added" };
      }
      const ours = ownCommand(text, present);
      if (mode === "remove") {
        return ours === undefined ? { text, did: "nothing" } : { text: removeNode(text, present), did: "removed" };
      }
      if (ours === undefined) throw refusal(text, present);
      // Its other members are a person's: how far it is indented, and how often it is asked.
      return ours.value === command
        ? { text, did: "nothing" }
        : { text: replaceNode(text, ours, command), did: "updated" };
    },
  };
}

function refusal(text: string, present: Node): EditRefused {
  const shown = plainLine(JSON.stringify(jsonOf(present)), 200);
  return new EditRefused(
    `a status line of another program is there already (${placeOf(text, present.offset)}): ${shown}`,
    {
      advice: "Leave --statusline out; or have that program run kaizen-metrics statusline, and print its line too.",
    },
  );
}

function statusLineIn(text: string | undefined): Node | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  const root = parseJson(text);
  return root.type === "object" ? memberOf(text, root, KEY) : undefined;
}

/** Where the command of a status line stands that starts this one's, and nothing besides. */
function ownCommand(text: string, present: Node): Node | undefined {
  if (present.type !== "object") return undefined;
  const [program = "", ...args] = handlerWords(jsonOf(present));
  const isOurs =
    startsThisProgram(program, args) &&
    args[wordsUpToProgram(program, args)] === "statusline" &&
    strangeWords(program, args).length === 0;
  return isOurs ? memberOf(text, present, "command") : undefined;
}
