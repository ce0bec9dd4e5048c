import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { topics } from "../../src/cli/frame/topics.ts";
import { runCommand } from "../support/command.ts";
import { runCommandHere } from "../support/command-here.ts";
import { temporaryFolder } from "../support/places.ts";
import { copyProgram } from "../support/program-copy.ts";
import { bundle, checkout, ServerProcess } from "../support/server-process.ts";

/** A page as it was written, without its picture, which no terminal shows. */
const pageOf = (topic: string) =>
  readFileSync(join(checkout, "src", "manual", `${topic}.md`), "utf8").replace(/<picture>[\s\S]+<\/picture>\n\n/, "");

test.each(topics)("the page %s is beside the program", (topic) => {
  expect(readFileSync(join(dirname(bundle), "manual", `${topic}.md`), "utf8")).toBe(pageOf(topic));
});

test.each([topics[0], topics.at(-1)])("help %s prints its page to the byte", async (topic = "") => {
  expect(await runCommand(["help", topic])).toEqual({ status: 0, stdout: pageOf(topic), stderr: "" });
});

test("help names every topic", async () => {
  const { stdout } = await runCommand(["help"]);
  const [, listed = ""] = /^Pages of the manual:\n((?: {2}.*\n)+)/m.exec(stdout) ?? [];
  expect(listed.trim().split(/,\s+/)).toEqual(topics);
});

test.each([
  [["help", "troubelshooting"], "neither a command nor a page of the manual; did you mean troubleshooting?"],
  [["help", "hoks"], "did you mean hooks?"],
  [["help", "../main"], "neither a command nor a page of the manual."],
  [["help", "constructor"], "neither a command nor a page of the manual."],
  [["glossary"], '"glossary" is not a command; did you mean help glossary?'],
  [["glosary"], '"glosary" is not a command.'],
])("%j is refused, with what may be meant", async (args, said) => {
  const ran = await runCommandHere(args);
  expect(ran).toMatchObject({ status: 2, stdout: "", stderr: expect.stringContaining(said) });
});

test("a program without its manual says where it looked, and a command's help needs no page", async () => {
  const program = copyProgram(temporaryFolder());
  const help = async (topic: string) => {
    const alone = new ServerProcess({ command: process.execPath, args: [program, "help", topic] });
    return { status: await alone.exited, stdout: alone.lines.join("\n"), stderr: alone.stderr };
  };
  const { status, stderr } = await help("limits");
  expect(status).toBe(1);
  expect(stderr).toContain(join("manual", "limits.md"));
  expect(stderr).toContain("install it again");
  expect(await help("summary")).toMatchObject({ status: 0, stdout: expect.stringContaining("Usage: "), stderr: "" });
});
