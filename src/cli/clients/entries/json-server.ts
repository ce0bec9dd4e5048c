import type { Node } from "jsonc-parser";
import { type JsonObject, sameJson } from "../../../domain/text/json.ts";
import { type Edit, type Edited, EditRefused, type EditRequest } from "../entry/edit.ts";
import { SERVER_NAME } from "../entry/launch.ts";
import { isOurs, refusalOf, type ServerEntry, withOwnFlags, wordsOf } from "../entry/server-entry.ts";
import { insertAt, removeNode, replaceNode } from "../jsonc/json-text.ts";
import { containerAt, jsonOf, memberOf, parseJson, placeOf } from "../jsonc/json-tree.ts";

/** A client's list of servers, and what it wants of an entry. */
export interface ServerList {
  /** The key that has the list. */
  readonly key: string;
  /** The members that an entry has; a command with arguments beside it if left out. */
  readonly form?: (entry: ServerEntry) => JsonObject;
}

/** The server in a client's JSON list of servers. Switches that a person has added to our entry stay. */
export function jsonServer({ form = commandAndArgs, key: list }: ServerList, entry: ServerEntry): Edit {
  const wanted = { entry, form };
  return {
    what: `server "${SERVER_NAME}"`,
    paste: JSON.stringify({ [list]: { [SERVER_NAME]: form(entry) } }, null, 2),
    words(text) {
      const present = entryIn(text, list);
      return present === undefined ? [] : wordsOf(jsonOf(present), entry);
    },
    apply: (text, request) => (request.mode === "add" ? add(text, list, wanted, request) : remove(text, list, request)),
  };
}

interface Wanted {
  readonly entry: ServerEntry;
  readonly form: (entry: ServerEntry) => JsonObject;
}

function add(text: string | undefined, list: string, { entry, form }: Wanted, { force }: EditRequest): Edited {
  const present = entryIn(text, list);
  if (text === undefined || present === undefined) {
    return { text: insertAt(text, [list], { key: SERVER_NAME, value: form(entry) }), did: "added" };
  }
  const value = jsonOf(present);
  const reason = refusalOf(value, entry);
  if (reason === undefined) return setMembers(text, list, present, form(withOwnFlags(entry, value)));
  if (force) return { text: replaceNode(text, present, form(entry)), did: "updated" };
  throw new EditRefused(
    `a server "${SERVER_NAME}" is there already (${placeOf(text, present.offset)}), and ${reason}`,
    { yieldsToForce: true },
  );
}

/** Member by member, so that everything else in the entry keeps its place. */
function setMembers(text: string, list: string, present: Node, wanted: JsonObject): Edited {
  // Of a key that stands there twice, another reader may take the other one.
  for (const property of present.children ?? []) memberOf(text, present, String(property.children?.[0]?.value));
  let edited = text;
  for (const [key, value] of Object.entries(wanted)) {
    const entry = entryIn(edited, list);
    const present = entry === undefined ? undefined : memberOf(edited, entry, key);
    if (present === undefined) edited = insertAt(edited, [list, SERVER_NAME], { key, value });
    else if (!sameJson(jsonOf(present), value)) edited = replaceNode(edited, present, value);
  }
  return { text: edited, did: edited === text ? "nothing" : "updated" };
}

function remove(text: string | undefined, list: string, { force }: EditRequest): Edited {
  const present = entryIn(text, list);
  if (text === undefined || present === undefined) return { text, did: "nothing" };
  if (!isOurs(jsonOf(present)) && !force) return { text, did: "left" };
  return { text: removeNode(text, present), did: "removed" };
}

function entryIn(text: string | undefined, list: string) {
  if (text === undefined || text.trim() === "") return undefined;
  const servers = containerAt(text, parseJson(text), [list], "object");
  return servers === undefined ? undefined : memberOf(text, servers, SERVER_NAME);
}

function commandAndArgs({ args, command }: ServerEntry): JsonObject {
  return { command, args: [...args] };
}
