import { describe, expect, test } from "vitest";
import { flatHooks } from "../../../src/cli/clients/entries/flat-hooks.ts";
import type { Edit, Edited } from "../../../src/cli/clients/entry/edit.ts";

const events = [
  { event: "sessionStart", name: "session-start" },
  { event: "preToolUse", name: "subagent-start", matcher: "Task" },
];
const line = (name: string, program = "/opt/kaizen-metrics/dist/main.js") => `node ${program} hook ${name}`;
const edit: Edit = flatHooks(events, events, ({ matcher, name }) => ({
  ...(matcher === undefined ? {} : { matcher }),
  bash: line(name),
  powershell: line(name),
}));
const apply = (text: string | undefined, mode: "add" | "remove", force = false): Edited =>
  edit.apply(text, { mode, force });

test.each([
  [undefined, 1],
  ["", 1],
  ["{}", 1],
  ["{ }\n", 1],
  ['{"version":2}', 2],
  ['{\n  "version": 1\n}\n', 1],
  ['{"version":1,"hooks":{}}', 1],
  ['{"hooks":{},"version":1}', 1],
  ['{"hooks":{"sessionStart":[]},"version":1}', 1],
  ['{"hooks":{"stop":[{"command":"x"}]}}', undefined],
  ['{\r\n\t// theirs\r\n\t"version": 1,\r\n\t"hooks": { "preToolUse": [ { "command": "x" }, ] },\r\n}', 1],
])("put into %j, the hooks have a version and are taken out to the byte", (text, version) => {
  const added = apply(text, "add");
  expect(added.did).toBe("added");
  expect(added.text).toContain(line("subagent-start"));
  expect(/"version": ?(\d)/.exec(added.text ?? "")?.[1]).toBe(version?.toString());
  expect(apply(added.text, "add")).toEqual({ text: added.text, did: "nothing" });
  expect(edit.hooks?.(added.text)).toEqual(["session-start", "subagent-start"]);
  expect(apply(added.text, "remove")).toEqual({ text, did: "removed" });
});

describe("a handler with several lines", () => {
  const file = (handler: object) => JSON.stringify({ version: 1, hooks: { sessionStart: [handler] } });

  test("is brought up to date in its place, with what names where it was", () => {
    const old = line("session-start", "/gone/kaizen-metrics/dist/main.js");
    const before = file({ type: "command", bash: old, powershell: old, timeoutSec: 10 });
    const { did, text } = apply(before, "add");
    expect([did, text?.includes("/gone")]).toEqual(["updated", false]);
    expect(edit.words?.(before)).toContain("/gone/kaizen-metrics/dist/main.js");
  });

  test.each([
    [{ bash: line("session-start"), powershell: "calc.exe" }, "calc.exe"],
    [{ bash: `CI=1 ${line("session-start")}` }, "CI=1"],
  ])("%j is refused with what is strange in it, stays, and is replaced by force only", (handler, strange) => {
    const text = file(handler);
    expect(() => apply(text, "add")).toThrow(strange);
    expect(apply(text, "remove").text).toBe(text);
    expect(apply(text, "add", true).text).not.toContain(strange);
  });

  test("with an environment is refused, and goes, since it starts this program", () => {
    const text = file({ command: line("session-start"), env: { NODE_OPTIONS: "--require ./x.js" } });
    expect(() => apply(text, "add")).toThrow("NODE_OPTIONS");
    expect(apply(text, "remove").text).toBe('{"version":1}');
  });

  test("of another program is its own", () => {
    const theirs = file({ command: "node /opt/other/dist/main.js hook session-start -v" });
    expect(apply(apply(theirs, "add").text, "remove")).toEqual({ text: theirs, did: "removed" });
  });
});
