import { expect, test } from "vitest";
import { hookEvents } from "../../src/cli/clients/entry/hooks.ts";
import { hook } from "../../src/cli/commands/connect/hook.ts";
import { usageOf } from "../../src/cli/frame/usage.ts";
import { agentOfType } from "../../src/domain/coverage/lifecycle-agent.ts";
import { chapter, codesIn, table } from "./page.ts";

const hooks = chapter("Hooks");

test("the table of hooks has every event that the command answers and that init asks for", () => {
  const rows = table(hooks, "hook").map(([name = "", events = ""]) => ({
    names: codesIn(name),
    events: codesIn(events),
  }));
  const listed = rows.flatMap(({ names }) => names);
  const events = rows.flatMap((row) => row.events.map((event) => ({ event, name: row.names[0] })));
  expect(new Set(events)).toEqual(new Set(hookEvents.map(({ event, name }) => ({ event, name }))));
  expect(usageOf(hook)).toBe(`hook ${listed.join("|")} [--limit MS]`);
});

test("a client's name for an agent becomes the one that the page says", () => {
  const examples = [...hooks.matchAll(/`([^`]+)`\s+is `([^`]+)`/g)];
  expect(examples).toHaveLength(2);
  for (const [, type = "", name] of examples) expect(agentOfType(type, [])).toBe(name);
  expect(agentOfType("general-purpose", [])).toBe("general-purpose");
});
