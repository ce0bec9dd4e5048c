import type { Node } from "jsonc-parser";
import { type JsonValue, sameJson } from "../../domain/json.ts";
import type { Edit, Edited } from "./edit.ts";
import { handlerWords, hookRunBy } from "./hook-command.ts";
import { type HookEvent, type HookHandler, hookEvents, hooksObject } from "./hooks.ts";
import { insertAt, removeNode, replaceNode } from "./json-text.ts";
import { containerAt, jsonOf, memberOf, parseJson } from "./json-tree.ts";

/** Our handlers among the hooks of others, in a file of Claude Code's form: event, group with a matcher, handlers. */
export function jsonHooks(events: readonly HookEvent[], handler: (event: HookEvent) => HookHandler): Edit {
  return {
    what: `${events.length === 1 ? "hook" : "hooks"} ${events.map(({ event }) => event).join(", ")}`,
    paste: JSON.stringify({ hooks: hooksObject(events, handler) }, null, 2),
    words: (text) =>
      events.flatMap((event) => handlersIn(text, event).flatMap(({ handler }) => handlerWords(jsonOf(handler)))),
    apply: (text, { mode }) => (mode === "add" ? add(text, events, handler) : remove(text)),
  };
}

function add(
  text: string | undefined,
  events: readonly HookEvent[],
  handler: (event: HookEvent) => HookHandler,
): Edited {
  let edited = text;
  let isUpdate = false;
  for (const hook of events) {
    const wanted = handlerValue(handler(hook));
    const [present] = handlersIn(edited, hook);
    if (edited === undefined || present === undefined) {
      edited = insertAt(edited, ["hooks", hook.event], { value: { hooks: [wanted] } });
    } else if (!sameJson(jsonOf(present.handler), wanted)) {
      edited = replaceNode(edited, present.handler, wanted);
      isUpdate = true;
    }
  }
  return { text: edited, did: edited === text ? "nothing" : isUpdate ? "updated" : "added" };
}

/**
 * Every hook that we know of, also where an earlier version wrote others than this one. The last comes out first, so
 * that the white space around the first tells what was there before.
 */
function remove(text: string | undefined): Edited {
  let edited = text;
  for (let present = lastIn(edited); edited !== undefined && present !== undefined; present = lastIn(edited)) {
    // A group without handlers would be refused by the client, whatever else a person has put into it.
    edited = removeNode(edited, present.isAlone ? present.group : present.handler);
  }
  return { text: edited, did: edited === text ? "nothing" : "removed" };
}

function lastIn(text: string | undefined): Present | undefined {
  const all = hookEvents.flatMap((hook) => handlersIn(text, hook));
  return all.sort((a, b) => a.handler.offset - b.handler.offset).at(-1);
}

interface Present {
  readonly group: Node;
  readonly handler: Node;
  readonly isAlone: boolean;
}

/** Where our handlers of an event stand. */
function handlersIn(text: string | undefined, { event, name }: HookEvent): Present[] {
  if (text === undefined || text.trim() === "") return [];
  const groups = containerAt(text, parseJson(text), ["hooks", event], "array")?.children ?? [];
  return groups.flatMap((group) => {
    const handlers = group.type === "object" ? (memberOf(text, group, "hooks")?.children ?? []) : [];
    return handlers
      .filter((handler) => hookRunBy(jsonOf(handler)) === name)
      .map((handler) => ({ group, handler, isAlone: handlers.length === 1 }));
  });
}

function handlerValue({ args, command, name, timeout, type }: HookHandler): { [key: string]: JsonValue } {
  return {
    ...(name === undefined ? {} : { name }),
    type,
    command,
    ...(args === undefined ? {} : { args: [...args] }),
    timeout,
  };
}
