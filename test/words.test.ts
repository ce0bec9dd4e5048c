import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const source = fileURLToPath(new URL("../src", import.meta.url));
const files = readdirSync(source, { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => /\.tsx?$/.test(path))
  .map((path) => ({ path, text: readFileSync(join(source, path), "utf8") }));

/** A block, some lines that begin with slashes, or the end of a line of code. */
const commentPattern = /(?<=^|[\s(,])\/\*[\s\S]*?\*\/|(?:^[ \t]*\/\/.*\n?)+|(?<=[ \t])\/\/ .*$/gm;

/** The texts of the comments in a file, each on one line. */
function commentsIn(code: string): string[] {
  return [...code.matchAll(commentPattern)].map(([comment]) =>
    comment
      .replaceAll(/^\s*(?:\/\*+|\*\/|\*(?= |$)|\/\/)|\*\/$/gm, " ")
      .replaceAll(/\s+/g, " ")
      .trim(),
  );
}

/** The comments that a pattern is found in, with their files. */
function commentsWith(pattern: RegExp): string[] {
  return files.flatMap(({ path, text }) =>
    commentsIn(text)
      .filter((comment) => pattern.test(comment))
      .map((comment) => `${path}: ${comment}`),
  );
}

/** Names that were given up: each thing has one word, the one in the glossary of the manual. */
const oldWords = /sighting|kept-?in-?mind|fate|judgeRuns|placeName\b|foundAtRest|neverFails|isSpared/i;

test("comments are told from code", () => {
  const code = [
    "/**",
    " * One comment",
    " * in two lines.",
    " */",
    'const address = "http://localhost"; // another',
    "// A third",
    "  // in two lines.",
    "call(/* a fourth */ 1);",
    "/** The last. */",
  ].join("\n");
  const found = ["One comment in two lines.", "another", "A third in two lines.", "a fourth", "The last."];
  expect(commentsIn(code)).toEqual(found);
});

test("no old word is left in code, in comments or in the name of a file", () => {
  const wrong = files.flatMap(({ path, text }) =>
    [path, ...text.split("\n")].filter((line) => oldWords.test(line)).map((line) => `${path}: ${line.trim()}`),
  );
  expect(wrong).toEqual([]);
});

test("a comment can be read by itself", () => {
  expect(commentsWith(/^(?:The same\b|Likewise\b|Those\b|As above\b)/)).toEqual([]);
});

test("no text and no comment speaks of people without saying who they are", () => {
  const unnamed = /\b(?:nobody|somebody|anybody|whoever)\b/i;
  const pages = [
    "README.md",
    ...readdirSync(source, { recursive: true, encoding: "utf8" }).map((path) => `src/${path}`),
  ]
    .filter((path) => path.endsWith(".md"))
    .map((path) => ({ path, text: readFileSync(join(source, "..", path), "utf8") }));
  const wrong = [...files, ...pages].flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, index) => (unnamed.test(line) ? `${path}:${index + 1}: ${line.trim()}` : [])),
  );
  expect(wrong).toEqual([]);
});
