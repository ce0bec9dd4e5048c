import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonHooks } from "../../../src/cli/clients/entries/json-hooks.ts";
import { jsonServer } from "../../../src/cli/clients/entries/json-server.ts";
import { applyEdits, type Edit } from "../../../src/cli/clients/entry/edit.ts";
import { hookEvents, hookLine } from "../../../src/cli/clients/entry/hooks.ts";

const program = "/opt/kaizen-metrics/dist/main.js";
const hooks = jsonHooks(hookEvents, ({ name }) => ({
  type: "command",
  command: hookLine({ kind: "file", path: program }, name, { windows: false, flags: [] }),
  timeout: 10,
}));
const server = jsonServer({ key: "mcpServers" }, { command: "node", args: [program] });

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

/** A file as version 0.1.0 left it: in the place of each line a program and, below it, its arguments. */
function asBefore(text: string | undefined, eol: string, unit: string): string {
  return (text ?? "").replaceAll(/^(\s*)"command": "(node) (\S+) (hook) ([\w-]+)"/gm, (_, indent: string, ...words) => {
    const [command, ...args] = words.slice(0, 4).map((word) => JSON.stringify(word));
    const list = args.map((word) => `${indent}${unit}${word}`).join(`,${eol}`);
    return `${indent}"command": ${command},${eol}${indent}"args": [${eol}${list}${eol}${indent}]`;
  });
}

const used = readFileSync(new URL("../../fixtures/clients/claude-code/.claude/settings.json", import.meta.url), "utf8");

test.each([
  ["a file that people use", used, "\n", "  "],
  ["one with tabs and the line ends of Windows", '{\r\n\t"hooks": {\r\n\t\t"Stop": []\r\n\t}\r\n}\r\n', "\r\n", "\t"],
])(
  "in %s, hooks of version 0.1.0 are brought up to date in their places, and taken out to the byte",
  (_, mine, eol, unit) => {
    const now = added(mine, [hooks]);
    const before = asBefore(now, eol, unit);
    expect(before.match(/"args": \[/g)).toHaveLength(hookEvents.length);
    expect(added(before, [hooks])).toBe(now);
    expect(taken(before, [hooks])).toBe(mine);
    expect(taken(now, [hooks])).toBe(mine);
  },
);

test("a server and hooks that are put into any file are taken out to the byte", () => {
  fc.assert(
    fc.property(forms, (before) => {
      expect(taken(added(before, [server, hooks]), [server, hooks])).toBe(before);
    }),
    { numRuns: 500 },
  );
});
