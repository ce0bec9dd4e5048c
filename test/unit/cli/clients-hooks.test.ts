import fc from "fast-check";
import { expect, test } from "vitest";
import { applyEdits, type Edit } from "../../../src/cli/clients/entry/edit.ts";
import { hookEvents, hookLine } from "../../../src/cli/clients/entry/hooks.ts";
import { jsonHooks } from "../../../src/cli/clients/files/json-hooks.ts";
import { jsonServer } from "../../../src/cli/clients/files/json-server.ts";

const program = "/opt/kaizen-metrics/dist/main.js";
const hooks = jsonHooks(hookEvents, ({ name }) => ({
  type: "command",
  command: hookLine({ kind: "file", path: program }, name, { windows: false, flags: [] }),
  timeout: 10,
}));
const server = jsonServer("mcpServers", { command: "node", args: [program] });

/** What a client's file may say, as people and programs write it: with the empty containers that they leave behind. */
const forms = fc
  .record({
    eol: fc.constantFrom("\n", "\r\n"),
    unit: fc.constantFrom("  ", "\t"),
    empty: fc.constantFrom("", " ", "\n", "\n\n  "),
    compact: fc.boolean(),
    hooks: fc.option(
      fc
        .subarray(["SessionStart", "PreToolUse", "SubagentStop", "StopFailure"])
        .chain((names) =>
          fc.tuple(
            ...names.map((name) =>
              fc
                .constantFrom(
                  "[]",
                  "[ ]",
                  '[{"hooks":[]}]',
                  '[ { "hooks": [ { "type": "command", "command": "x" } ] } ]',
                )
                .map((list) => `"${name}": ${list}`),
            ),
          ),
        ),
      { nil: undefined },
    ),
    servers: fc.option(fc.constantFrom([], ['"a": { "command": "a" }']), { nil: undefined }),
    end: fc.constantFrom("", "\n", "\n\n"),
  })
  .map(({ compact, empty, end, eol, hooks: events, servers, unit }) => {
    const object = (members: readonly string[], indent: string): string => {
      if (members.length === 0) return `{${empty}}`;
      if (compact) return `{ ${members.join(", ")} }`;
      return `{${eol}${members.map((member) => indent + unit + member).join(`,${eol}`)}${eol}${indent}}`;
    };
    const members = [
      ...(events === undefined ? [] : [`"hooks": ${object(events, unit)}`]),
      ...(servers === undefined ? [] : [`"mcpServers": ${object(servers, unit)}`]),
    ];
    return object(members, "") + end;
  });

function added(text: string, edits: readonly Edit[]): string | undefined {
  return applyEdits(edits, text, { mode: "add", force: false }).text;
}

function taken(text: string | undefined, edits: readonly Edit[]): string | undefined {
  return applyEdits(edits, text, { mode: "remove", force: false }).text;
}

test.each([
  ['{ "hooks": { } }'],
  ['{ "hooks": { }, "model": "opus" }\n'],
  ['{\n  "hooks": { }\n}\n'],
  ['{\n  "hooks": {\n  }\n}\n'],
  ['{ "hooks": { "SubagentStop": [ ], "SessionStart": [ ] } }'],
  ["{ }"],
])("hooks that are put into %s are taken out to the byte", (before) => {
  const after = added(before, [hooks]);
  expect(after).toContain("subagent-start");
  expect(taken(after, [hooks])).toBe(before);
});

/** As version 0.1.0 wrote them: a program and, beside it, its arguments. */
function asBefore(text: string | undefined): string {
  const { hooks: events, ...others } = JSON.parse(text ?? "");
  const groups = Object.entries<object[]>(events).map(([event, list]) => [event, list.map(groupAsBefore)]);
  return JSON.stringify({ ...others, hooks: Object.fromEntries(groups) }, null, 2);
}

function groupAsBefore(group: { hooks?: { command: string }[] }): object {
  const handlers = group.hooks?.map((handler) => {
    const [command, ...args] = handler.command.split(" ");
    return args.includes("hook") ? { type: "command", command, args, timeout: 10 } : handler;
  });
  return { ...group, hooks: handlers };
}

test("hooks of version 0.1.0 are brought up to date in their places, and taken out to the byte", () => {
  const mine = JSON.stringify({ hooks: { Stop: [{ hooks: [{ type: "command", command: "x" }] }] } }, null, 2);
  const now = added(mine, [hooks]);
  const before = asBefore(now);
  expect(before).toContain('"args"');
  expect(added(before, [hooks])).toBe(now);
  expect(taken(before, [hooks])).toBe(mine);
  expect(taken(now, [hooks])).toBe(mine);
});

test("a server and hooks that are put into any file are taken out to the byte", () => {
  fc.assert(
    fc.property(forms, (before) => {
      expect(taken(added(before, [server, hooks]), [server, hooks])).toBe(before);
    }),
    { numRuns: 500 },
  );
});
