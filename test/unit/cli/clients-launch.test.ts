import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { launchFor, shellWord, startsThisProgram, withoutVariables } from "../../../src/cli/clients/entry/launch.ts";
import { thisMachine } from "../../../src/machine.ts";
import { temporaryFolder } from "../../support/places.ts";

function program(folder: string, place: string): string {
  const path = join(folder, place);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "");
  return path;
}

function launch(script: string, project: string, publishedAs?: string) {
  return launchFor({ script, project, version: "1.2.3", machine: thisMachine, publishedAs });
}

test("a clone is named by its place, behind any link that it was started by", () => {
  const folder = temporaryFolder();
  const script = program(folder, "clone/dist/main.js");
  const link = join(folder, "kaizen-metrics.js");
  symlinkSync(script, link);
  expect(launch(link, folder)).toEqual({ kind: "file", path: script });
});

test("the package in the project's node_modules is named from the project's folder, however it got there", () => {
  const project = temporaryFolder();
  const stored = program(project, "node_modules/.pnpm/kaizen-metrics@1.2.3/node_modules/kaizen-metrics/dist/main.js");
  symlinkSync(dirname(dirname(stored)), join(project, "node_modules", "kaizen-metrics"));
  expect(launch(stored, project)).toEqual({ kind: "local", path: "node_modules/kaizen-metrics/dist/main.js" });
  expect(launch(stored, temporaryFolder())).toEqual({ kind: "file", path: stored });
});

test.each([".npm/_npx/0a1b2c/node_modules", "pnpm/dlx-1234/node_modules", "bunx-0-kaizen-metrics@latest/node_modules"])(
  "a folder of %s may be gone tomorrow, so a published package is named with its version, and another one refused",
  (folder) => {
    const script = program(temporaryFolder(), `${folder}/kaizen-metrics/dist/main.js`);
    const named = launch(script, temporaryFolder(), "kaizen-metrics");
    expect(named).toEqual({ kind: "npx", packageSpec: "kaizen-metrics@1.2.3" });
    expect(() => launch(script, temporaryFolder())).toThrow("is not in npm's registry");
  },
);

test("what no client could start, or would read wrongly, is refused", () => {
  const folder = temporaryFolder();
  expect(() => launch(program(folder, "src/main.ts"), folder)).toThrow("is not a built program");
  // What bears another name would be written, and neither a later init nor a hook would know it again.
  expect(() => launch(program(folder, "scratch/main-new.js"), folder)).toThrow("is not a built program");
  expect(() => launch(program(folder, "a$" + "{HOME}/dist/main.js"), folder)).toThrow("take for a variable");
  expect(() => withoutVariables("/home/$USER")).toThrow("take for a variable");
  expect(withoutVariables("/home/cash$/5$ 6")).toBe("/home/cash$/5$ 6");
});

test.each([
  ["node", ["/anywhere/dist/main.js", "--root", "."], true],
  ["C:\\Program Files\\nodejs\\node.exe", ["C:\\x\\dist\\main.js"], true],
  ["/usr/bin/node", ["$" + "{CLAUDE_PROJECT_DIR:-.}/node_modules/kaizen-metrics/dist/main.js"], true],
  ["npx", ["-y", "kaizen-metrics@0.1.0"], true],
  ["cmd", ["/c", "npx", "-y", "kaizen-metrics"], true],
  ["kaizen-metrics", [], true],
  ["uvx", ["kaizen-metrics"], false],
  ["python", ["-m", "kaizen_metrics"], false],
  ["node", ["/somewhere/server.js"], false],
])("a server that is started by %s %j: is it this program? %s", (command, args, expected) => {
  expect(startsThisProgram(command, args)).toBe(expected);
});

test("a word reaches the program through a shell as it is", () => {
  const words = ["plain/dist/main.js", "a b", "it's", 'a"b', "a$HOME`id`", "back\\slash", "é😀"];
  const line = ["printf", "%s\\\\n", ...words.map((word) => shellWord(word, false))].join(" ");
  expect(execFileSync("/bin/sh", ["-c", line], { encoding: "utf8" }).trimEnd().split("\n")).toEqual(words);
  expect(shellWord("C:\\Program Files\\x\\main.js", true)).toBe('"C:/Program Files/x/main.js"');
  expect(shellWord("\\\\server\\x\\main.js", true)).toBe("//server/x/main.js");
});
