import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { allCommands } from "../../src/cli/commands/index.ts";
import { type Step, stepsIn, typeAll } from "./console.ts";
import { projectsIn } from "./console-projects.ts";
import { chapter, chapters, codesIn } from "./page.ts";

const commands = (await allCommands()).filter(({ unlisted }) => !unlisted);

// Whatever the page shows of a terminal is typed into a real shell, each chapter in a project of its own.

const withTerminals = chapters().flatMap(({ heading, text }) => {
  const steps = stepsIn(text);
  return steps.length === 0 ? [] : [{ heading, steps }];
});

const place = realpathSync(mkdtempSync(join(tmpdir(), "kaizen-readme-")));
afterAll(() => rmSync(place, { recursive: true, force: true }));
const layOut = projectsIn(place);

// The page is written for the shell of Unix.
describe.skipIf(process.platform === "win32")("a terminal shows what the page shows", () => {
  test.each(withTerminals)("in the chapter $heading", async ({ heading, steps }) => {
    expect(asText(await typeAll(steps, await layOut(heading)))).toBe(asText(steps));
  });
});

function asText(steps: readonly Step[]): string {
  return steps.map(({ typed, shown }) => `$ ${typed}\n${shown}`).join("");
}

test("every command has a chapter, in the order of the overview, which shows it", () => {
  const inOrder = chapters().map(({ heading }) => heading);
  const names = commands.map(({ name }) => name);
  expect(inOrder.filter((heading) => names.includes(heading))).toEqual(names);
  const shownIn = (name: string) =>
    stepsIn(chapter(name)).some(({ typed }) => new RegExp(`kaizen-metrics ${name}(?![\\w-])`).test(typed));
  expect(names.filter((name) => !shownIn(name))).toEqual([]);
});

test("the list of the groups' pages names every command, in the order of the overview", () => {
  const rows = chapter("The command line").match(/^- \[.*\]\(\w+\.md\): .*$/gm) ?? [];
  expect(rows.flatMap(codesIn)).toEqual(commands.map(({ name }) => name));
});

test("every flag that the chapter of a command names is one that it has", () => {
  for (const { name, flags } of commands) {
    const named = codesIn(chapter(name)).flatMap((code) => code.match(/^--[a-z-]+/) ?? []);
    const known = [...Object.keys(flags), "json", "root", "retention-days", "utc", "help"].map((flag) => `--${flag}`);
    expect({ name, unknown: named.filter((flag) => !known.includes(flag)) }).toEqual({ name, unknown: [] });
  }
});
