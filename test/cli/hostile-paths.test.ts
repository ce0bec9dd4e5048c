import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCommand } from "../support/command.ts";
import { runCommandHere } from "../support/command-here.ts";
import { writeForeignLines } from "../support/foreign-writer.ts";
import { temporaryFolder } from "../support/places.ts";

/** An escape sequence, one that begins with a single character, and a sign that turns the order of what follows. */
const steering = "\u001b[31mX\u009b2JY\u202eZ";
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const raw = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/;

/** Lines that name what somebody has called so, in every place where one can. */
const lines: readonly (readonly string[])[] = [
  ["where", "--root", `/none/${steering}`],
  ["where", "--root", "file:///none/%1b%5b2J%c2%9b31m"],
  ["where", "--root", "file:///none/%1b%5b2J%c2%9b31m", "--json"],
  ["summary", "--root", `/none/${steering}`],
  ["summary", "--root", `/none/${steering}`, "--json"],
  ["serve", "--root", `/none/${steering}`],
  ["summary", "--retention-days", steering],
  [steering],
  [`--${steering}`],
  ["summary", `--${steering}`],
  ["summary", steering, steering],
  ["help", steering],
  ["hook", steering],
  ["export", "--format", steering],
  ["import", `/none/${steering}`],
  ["init", "--client", steering],
  ["record", "a", "--file", `/none/${steering}`],
  ["record", steering, "--success"],
  ["record", "a", "--success", "--set", steering],
  ["recommendations", "update", steering, "--status", "adopted"],
];

test.for(lines)("%j is answered without a byte that steers a terminal", async (args) => {
  // These two take a process for their own.
  const run = args[0] === "serve" || args[0] === "hook" ? runCommand : runCommandHere;
  const { stderr, stdout } = await run(args, { cwd: temporaryFolder() });
  expect(stdout + stderr).not.toMatch(raw);
  expect(stdout + stderr).not.toBe("");
});

test.for([
  ["where"],
  ["summary"],
  ["doctor"],
  ["init", "--client", "cursor"],
  ["export", "--output", `out${steering}`],
])("in a project whose folder is called so, %j is answered without a byte that steers a terminal", async (args) => {
  const root = join(temporaryFolder(), steering);
  mkdirSync(root, { recursive: true });
  writeForeignLines(root, "reviewer", [{ success: true, timestamp: "2026-11-22T10:00:00Z" }]);
  const { status, stderr, stdout } = await runCommandHere(args, { root, cwd: root });
  expect([status, stdout + stderr]).toEqual([expect.anything(), expect.not.stringMatching(raw)]);
});
