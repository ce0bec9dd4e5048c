import type { Node } from "jsonc-parser";
import { type JsonValue, sameJson } from "../../../domain/text/json.ts";
import { type Edit, type Edited, EditRefused } from "../entry/edit.ts";
import { handlerWords, hookRunBy, strangeInHook } from "../entry/hook-command.ts";
import { groupOf, type HookEvent, type HookHandler, hookEvents } from "../entry/hooks.ts";
import { someOf } from "../entry/server-entry.ts";
import { insertAt, removeNode, replaceNode } from "../jsonc/json-text.ts";
import { containerAt, jsonOf, memberOf, parseJson, placeOf } from "../jsonc/json-tree.ts";

/** How a client's file has the handlers of an event. */
export interface HooksForm {
  /** Every hook that any version of this program has written in this form. */
  readonly known: readonly HookEvent[];
  /** What stands in the list of an event, with a handler that is ours. */
  item(event: HookEvent, handler: JsonValue): JsonValue;
  /** Where our handlers of an event stand, and those that name us. */
  find(text: string, root: Node, event: HookEvent): Present[];
}

/** Claude Code's: event, group with a matcher, handlers. */
const inGroups: HooksForm = { known: hookEvents, item: groupOf, find: handlersInGroups };

/** Our handlers among the hooks of others, in a file of Claude Code's form. */
export function jsonHooks(events: readonly HookEvent[], handler: (event: HookEvent) => HookHandler): Edit {
  return hooksOfForm(inGroups, events, (event) => handlerValue(handler(event)));
}

/** Our handlers among the hooks of others. */
export function hooksOfForm(
  form: HooksForm,
  events: readonly HookEvent[],
  handler: (event: HookEvent) => JsonValue,
): Edit {
  const own = (text: string | undefined) =>
    events.flatMap((event) => handlersIn(form, text, event).filter(({ strange }) => strange.length === 0));
  return {
    what: `${events.length === 1 ? "hook" : "hooks"} ${events.map(({ event }) => event).join(", ")}`,
    get paste() {
      const hooks = Object.fromEntries(events.map((event) => [event.event, [form.item(event, handler(event))]]));
      return JSON.stringify({ hooks }, null, 2);
    },
    words: (text) => own(text).flatMap(({ words }) => words),
    hooks: (text) => own(text).map(({ name }) => name),
    apply(text, { force, mode }) {
      expectFew(form, text);
      return mode === "add" ? add(form, text, events, handler, force) : remove(form, text, force);
    },
  };
}

function add(
  form: HooksForm,
  text: string | undefined,
  events: readonly HookEvent[],
  handler: (event: HookEvent) => JsonValue,
  force: boolean,
): Edited {
  let edited = text;
  let isUpdate = false;
  for (const hook of events) {
    const wanted = handler(hook);
    const strange = handlersIn(form, edited, hook).find((one) => one.strange.length > 0);
    if (edited !== undefined && strange !== undefined) {
      if (!force) throw refusal(edited, hook, strange);
      // One is left of them all, and that is ours.
      edited = firstOnly(form, edited, hook);
    }
    const [present] = handlersIn(form, edited, hook);
    if (edited === undefined || present === undefined) {
      edited = insertAt(edited, ["hooks", hook.event], { value: form.item(hook, wanted) });
    } else if (!sameJson(jsonOf(present.handler), wanted)) {
      edited = replaceNode(edited, present.handler, wanted);
      isUpdate = true;
    }
  }
  return { text: edited, did: edited === text ? "nothing" : isUpdate ? "updated" : "added" };
}

function firstOnly(form: HooksForm, text: string | undefined, hook: HookEvent): string | undefined {
  const last = handlersIn(form, text, hook).slice(1).at(-1);
  return last === undefined ? text : firstOnly(form, takenOut(text, last), hook);
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

function expectFew(form: HooksForm, text: string | undefined): void {
  const { length } = allIn(form, text);
  if (length > MOST_HOOKS) throw new EditRefused(`it has ${length} hooks of ours`);
}

/**
 * Every hook that we know of, also where an earlier version wrote others than this one. The last comes out first, so
 * that the white space around the first tells what was there before. One that starts us in a strange way may be a
 * person's own, and stays unless it is forced.
 */
function remove(form: HooksForm, text: string | undefined, force: boolean): Edited {
  let edited = text;
  const next = () => allIn(form, edited).findLast(({ isOurs }) => isOurs || force);
  for (let present = next(); present !== undefined; present = next()) edited = takenOut(edited, present);
  return { text: edited, did: edited !== text ? "removed" : allIn(form, text).length > 0 ? "left" : "nothing" };
}

function takenOut(text: string | undefined, { item }: Present): string | undefined {
  return text === undefined ? undefined : removeNode(text, item);
}

function allIn(form: HooksForm, text: string | undefined): Present[] {
  return form.known.flatMap((hook) => handlersIn(form, text, hook)).sort((a, b) => a.handler.offset - b.handler.offset);
}

interface Present {
  /** What goes when it is taken out. */
  readonly item: Node;
  readonly handler: Node;
  /** Of the hook, such as `session-start`. */
  readonly name: string;
  /** Whether it starts this program, and not something that starts it. */
  readonly isOurs: boolean;
  /** With which it starts this program. */
  readonly words: readonly string[];
  /** What it has that `init` does not write. */
  readonly strange: readonly string[];
}

function handlersIn(form: HooksForm, text: string | undefined, hook: HookEvent): Present[] {
  return text === undefined || text.trim() === "" ? [] : form.find(text, parseJson(text), hook);
}

function handlersInGroups(text: string, root: Node, { event, name }: HookEvent): Present[] {
  const groups = containerAt(text, root, ["hooks", event], "array")?.children ?? [];
  return groups.flatMap((group) => {
    const handlers = group.type === "object" ? (memberOf(text, group, "hooks")?.children ?? []) : [];
    return handlers.flatMap((handler) => {
      const value = jsonOf(handler);
      const strange = strangeInHook(value, name);
      if (strange === undefined) return [];
      // A group without handlers would be refused by the client, whatever else a person has put into it.
      const item = handlers.length === 1 ? group : handler;
      return [{ item, handler, name, isOurs: hookRunBy(value) === name, words: handlerWords(value), strange }];
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
