import type { Node } from "jsonc-parser";
import { isJsonObject, type JsonObject, type JsonValue } from "../../../domain/text/json.ts";
import type { Edit, Edited } from "../entry/edit.ts";
import { handlerWords, hookRunBy, strangeInHook } from "../entry/hook-command.ts";
import type { HookEvent } from "../entry/hooks.ts";
import { insertAt, removeNode } from "../jsonc/json-text.ts";
import { containerAt, jsonOf, memberOf, parseJson } from "../jsonc/json-tree.ts";
import { hooksOfForm } from "./json-hooks.ts";

const VERSION = "version";

/**
 * Our handlers in a file of the form that Cursor and GitHub Copilot share: a version, and events with their handlers.
 * A handler has its lines for shells under several keys, by the system.
 */
export function flatHooks(
  events: readonly HookEvent[],
  known: readonly HookEvent[],
  handler: (event: HookEvent) => JsonObject,
): Edit {
  const edit = hooksOfForm({ known, item: (_, value) => value, find }, events, handler);
  return {
    ...edit,
    get paste() {
      const hooks: unknown = JSON.parse(edit.paste);
      return JSON.stringify({ [VERSION]: 1, ...(isJsonObject(hooks) ? hooks : {}) }, null, 2);
    },
    apply(text, request) {
      if (request.mode === "add") return withVersion(text, edit.apply(text, request));
      const versionless = withoutVersion(text);
      const edited = versionless === undefined ? undefined : edit.apply(versionless, request);
      return edited === undefined || keysOf(edited.text).includes("hooks") ? edit.apply(text, request) : edited;
    },
  };
}

/** A file that says nothing yet says which version it is of. Its place behind the hooks tells that we wrote it. */
function withVersion(before: string | undefined, edited: Edited): Edited {
  if (keysOf(before).length > 0 || edited.text === undefined) return edited;
  return { ...edited, text: insertAt(edited.text, [], { key: VERSION, value: 1 }) };
}

/** What was put in last is taken out first; `undefined` if the version is not ours. */
function withoutVersion(text: string | undefined): string | undefined {
  if (text === undefined || keysOf(text).join() !== `hooks,${VERSION}`) return undefined;
  const version = memberOf(text, parseJson(text), VERSION);
  return version?.value === 1 ? removeNode(text, version) : undefined;
}

function keysOf(text: string | undefined): unknown[] {
  if (text === undefined || text.trim() === "") return [];
  return (parseJson(text).children ?? []).map(({ children }) => children?.[0]?.value);
}

function find(text: string, root: Node, { event, name }: HookEvent) {
  const handlers = containerAt(text, root, ["hooks", event], "array")?.children ?? [];
  return handlers.flatMap((handler) => {
    const asOne = handlersOfLines(jsonOf(handler));
    const found = asOne.map((one) => strangeInHook(one, name));
    if (found.every((strange) => strange === undefined)) return [];
    // A line of another program beside ours is the strangest of all.
    const strange = found.flatMap((one, index) => one ?? [String(asOne[index]?.command).slice(0, 200)]);
    const isOurs = asOne.every((one) => hookRunBy(one) === name);
    const words = asOne.flatMap(handlerWords);
    return [{ item: handler, handler, name, isOurs, words, strange: [...new Set(strange)] }];
  });
}

/** What the lines of a handler stand under, by the system and by the client. */
const LINES = ["command", "bash", "powershell", "windows", "linux", "osx"];

/** Of a handler that has a line for each shell: one for each of its lines, without what says when it is run. */
function handlersOfLines(value: JsonValue): JsonObject[] {
  if (!isJsonObject(value)) return [];
  const { matcher, ...members } = value;
  const others: JsonObject = {};
  for (const [key, member] of Object.entries(members)) {
    if (!LINES.includes(key)) others[key] = member;
  }
  return LINES.flatMap((key) => (typeof members[key] === "string" ? [{ ...others, command: members[key] }] : []));
}
