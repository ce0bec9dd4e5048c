import type { Node } from "jsonc-parser";
import { type JsonValue, sameJson } from "../../../domain/text/json.ts";
import { type Edit, type Edited, EditRefused } from "../entry/edit.ts";
import { handlerWords, hookRunBy, strangeInHook } from "../entry/hook-command.ts";
import { groupOf, type HookEvent, type HookHandler, hookEvents, hooksObject } from "../entry/hooks.ts";
import { someOf } from "../entry/server-entry.ts";
import { insertAt, removeNode, replaceNode } from "../jsonc/json-text.ts";
import { containerAt, jsonOf, memberOf, parseJson, placeOf } from "../jsonc/json-tree.ts";

/** Our handlers among the hooks of others, in a file of Claude Code's form: event, group with a matcher, handlers. */
export function jsonHooks(events: readonly HookEvent[], handler: (event: HookEvent) => HookHandler): Edit {
  return {
    what: `${events.length === 1 ? "hook" : "hooks"} ${events.map(({ event }) => event).join(", ")}`,
    get paste() {
      return JSON.stringify({ hooks: hooksObject(events, handler) }, null, 2);
    },
    words: (text) =>
      events.flatMap((event) =>
        handlersIn(text, event)
          .filter(({ strange }) => strange.length === 0)
          .flatMap(({ handler }) => handlerWords(jsonOf(handler))),
      ),
    apply(text, { force, mode }) {
      expectFew(text);
      return mode === "add" ? add(text, events, handler, force) : remove(text, force);
    },
  };
}

function add(
  text: string | undefined,
  events: readonly HookEvent[],
  handler: (event: HookEvent) => HookHandler,
  force: boolean,
): Edited {
  let edited = text;
  let isUpdate = false;
  for (const hook of events) {
    const wanted = handlerValue(handler(hook));
    const strange = handlersIn(edited, hook).find((one) => one.strange.length > 0);
    if (edited !== undefined && strange !== undefined) {
      if (!force) throw refusal(edited, hook, strange);
      // One is left of them all, and that is ours.
      edited = firstOnly(edited, hook);
    }
    const [present] = handlersIn(edited, hook);
    if (edited === undefined || present === undefined) {
      edited = insertAt(edited, ["hooks", hook.event], { value: groupOf(hook, wanted) });
    } else if (!sameJson(jsonOf(present.handler), wanted)) {
      edited = replaceNode(edited, present.handler, wanted);
      isUpdate = true;
    }
  }
  return { text: edited, did: edited === text ? "nothing" : isUpdate ? "updated" : "added" };
}

function firstOnly(text: string | undefined, hook: HookEvent): string | undefined {
  const last = handlersIn(text, hook).slice(1).at(-1);
  return last === undefined ? text : firstOnly(takenOut(text, last), hook);
}

function refusal(text: string, { event }: HookEvent, { handler, strange }: Present): EditRefused {
  const where = placeOf(text, handler.offset);
  return new EditRefused(
    `a hook of ours for ${event} is there already (${where}), and it has what init does not write: ${someOf(strange)}`,
    { yieldsToForce: true },
  );
}

/** Every one is looked for anew once another is out: so many are none that `init` has written. */
const MOST_HOOKS = 100;

function expectFew(text: string | undefined): void {
  const { length } = allIn(text);
  if (length > MOST_HOOKS) throw new EditRefused(`it has ${length} hooks of ours`);
}

/**
 * Every hook that we know of, also where an earlier version wrote others than this one. The last comes out first, so
 * that the white space around the first tells what was there before. One that starts us in a strange way may be a
 * person's own, and stays unless it is forced.
 */
function remove(text: string | undefined, force: boolean): Edited {
  let edited = text;
  const next = () => allIn(edited).findLast(({ isOurs }) => isOurs || force);
  for (let present = next(); present !== undefined; present = next()) edited = takenOut(edited, present);
  return { text: edited, did: edited !== text ? "removed" : allIn(text).length > 0 ? "left" : "nothing" };
}

function takenOut(text: string | undefined, { group, handler, isAlone }: Present): string | undefined {
  // A group without handlers would be refused by the client, whatever else a person has put into it.
  return text === undefined ? undefined : removeNode(text, isAlone ? group : handler);
}

function allIn(text: string | undefined): Present[] {
  return hookEvents.flatMap((hook) => handlersIn(text, hook)).sort((a, b) => a.handler.offset - b.handler.offset);
}

interface Present {
  readonly group: Node;
  readonly handler: Node;
  readonly isAlone: boolean;
  /** Whether it starts this program, and not something that starts it. */
  readonly isOurs: boolean;
  /** What it has that `init` does not write. */
  readonly strange: readonly string[];
}

/** Where our handlers of an event stand, and those that name us. */
function handlersIn(text: string | undefined, { event, name }: HookEvent): Present[] {
  if (text === undefined || text.trim() === "") return [];
  const groups = containerAt(text, parseJson(text), ["hooks", event], "array")?.children ?? [];
  return groups.flatMap((group) => {
    const handlers = group.type === "object" ? (memberOf(text, group, "hooks")?.children ?? []) : [];
    return handlers.flatMap((handler) => {
      const value = jsonOf(handler);
      const strange = strangeInHook(value, name);
      const isOurs = hookRunBy(value) === name;
      return strange === undefined ? [] : [{ group, handler, isAlone: handlers.length === 1, isOurs, strange }];
    });
  });
}

function handlerValue({ command, name, timeout, type }: HookHandler): { [key: string]: JsonValue } {
  return {
    ...(name === undefined ? {} : { name }),
    type,
    command,
    timeout,
  };
}
