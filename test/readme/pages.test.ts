import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { topics } from "../../src/cli/frame/topics.ts";
import { tools } from "../../src/mcp/tools/index.ts";
import { checkout } from "../support/server-process.ts";
import { stepsIn } from "./console.ts";
import { chapter, chapters, codesIn, links, pages, sentences, table } from "./page.ts";

const [readme = { path: "", text: "" }] = pages;
const MAX_LINES = 200;
const MAX_WORDS = 30;

const linesOf = (text: string) => text.trimEnd().split("\n").length;
const wordsOf = (sentence: string) => sentence.split(" ").filter((word) => /\w/.test(word)).length;

test("the README can be read in one go", () => {
  expect(linesOf(readme.text)).toBeLessThanOrEqual(MAX_LINES);
  expect(Buffer.byteLength(readme.text)).toBeLessThanOrEqual(12 * 1024);
  expect(sentences(readme.text).filter((sentence) => wordsOf(sentence) > MAX_WORDS)).toEqual([]);
  expect(sentences(readme.text).filter((sentence) => /\b(?:whoever|nobody|somebody)\b/i.test(sentence))).toEqual([]);
});

test("sentences are found in paragraphs, lists and tables, and told apart", () => {
  const text =
    "# Title\n\nOne two\nthree. Four!\n\n- **Five.** Six\n  seven\n- Eight\n\n```sh\nnine.\n```\n\n| a b | c |\n";
  expect(sentences(text)).toEqual(["Title", "One two three.", "Four!", "**Five.**", "Six seven", "Eight", "a b", "c"]);
});

test("the manual has a page for each topic, and no other", () => {
  const files = readdirSync(join(checkout, "src", "manual")).filter((name) => name !== "pictures");
  expect(files.sort()).toEqual(topics.map((topic) => `${topic}.md`).sort());
});

describe.each(pages)("$path", ({ path, text }) => {
  test("is no longer than a page may be, and begins with its title", () => {
    expect(linesOf(text)).toBeLessThanOrEqual(MAX_LINES);
    expect(text).toMatch(/^# \S/);
  });

  test("has links that lead somewhere", () => {
    const isBroken = (link: string) => {
      const [target = "", anchor] = link.split("#");
      const place = target === "" ? path : join(path, "..", target).replaceAll("\\", "/");
      const page = pages.find((other) => other.path === place);
      if (page === undefined) return anchor !== undefined || !existsSync(join(checkout, place));
      return anchor !== undefined && !anchorsOf(page.text).includes(anchor);
    };
    expect(links(text).filter((link) => !link.startsWith("https://") && isBroken(link))).toEqual([]);
  });
});

function anchorsOf(text: string): string[] {
  const slug = (heading: string) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, "")
      .replaceAll(" ", "-");
  return chapters(text).map(({ heading }) => slug(heading));
}

test("the README leads to every page of the manual", () => {
  const named = links(readme.text).map((link) => link.replace(/#.*/, ""));
  expect(pages.map(({ path }) => path).filter((path) => path !== "README.md" && !named.includes(path))).toEqual([]);
});

test("the README's table has every tool, in the order in which clients see them", () => {
  const rows = table(chapter("What your client sees"), "tool");
  expect(rows.map(([name = ""]) => codesIn(name)[0])).toEqual(tools.map(({ name }) => name));
});

test("a chapter with a terminal has a name of its own, since its project is laid out by it", () => {
  const withTerminals = chapters().filter(({ text }) => stepsIn(text).length > 0);
  const names = withTerminals.map(({ heading }) => heading);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});
