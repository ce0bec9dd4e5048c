import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "@typescript/typescript6";
import { expect, test } from "vitest";

const source = fileURLToPath(new URL("../../../src", import.meta.url));
const rooms = ["domain/evidence", "evidence"];

/** Every regular expression that is written in the rooms that read what agents wrote. */
const patterns = rooms.flatMap((room) =>
  readdirSync(join(source, room), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .flatMap((name) => literalsIn(join(source, room, name))),
);

function literalsIn(path: string): string[] {
  const file = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ESNext);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function regExp(literal: string): RegExp {
  const end = literal.lastIndexOf("/");
  return new RegExp(literal.slice(1, end), `${literal.slice(end + 1).replace(/[gy]/, "")}g`);
}

const everyPattern = [
  " ",
  "1",
  "a",
  "=",
  "/",
  "-",
  ".",
  ",",
  "\n",
  "1 ",
  "a ",
  "a.",
  "1, ",
  ", 1 ",
  "a\n",
  "(",
  "a(",
  "::",
];

/** Texts that begin as a pattern wants it, and go on for ever. */
function seedsFor(literal: string): string[] {
  const words = literal.match(/[A-Za-z]{2,}/g) ?? [];
  return [...everyPattern, ...words.flatMap((word) => [word, `${word} `, `${word}(`, `${word}: `, `1 ${word}, `])];
}

/**
 * How long a processor takes to look for all matches in a text, in ms: the least of some attempts. A clock would also tell
 * how long it was at work for other programs.
 */
function timeOf(pattern: RegExp, text: string, atMost: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 5 && least > atMost; attempt++) {
    const start = process.cpuUsage();
    text.replace(pattern, "");
    const { system, user } = process.cpuUsage(start);
    least = Math.min(least, (system + user) / 1000);
  }
  return least;
}

// A walk over the text for each of its places takes a hundred million steps in the long one, and no more: there are many.
const [SHORT, LONG] = [1024, 16 * 1024];
/** The least time that is told from none, in ms. */
const NOISE_MS = 0.05;

test("the patterns are found", () => {
  expect(patterns.length).toBeGreaterThan(150);
});

// Sixteen times the text takes some sixteen times as long, and 256 times as long if a pattern walks over it for each place.
test.each([...new Set(patterns)])("%s takes as long as its text is", (literal) => {
  const pattern = regExp(literal);
  for (const seed of seedsFor(literal)) {
    for (const start of ["", "1 ", "=", "x"]) {
      const text = (length: number) => start + seed.repeat(Math.ceil(length / seed.length)).slice(0, length);
      // Most are through in so little time that the short text need not be asked.
      const few = 80 * NOISE_MS;
      const long = timeOf(pattern, text(LONG), few);
      if (long <= few) continue;
      const allowed = Math.max(few, 80 * timeOf(pattern, text(SHORT), 0));
      expect(timeOf(pattern, text(LONG), allowed), `${start}${seed}…`).toBeLessThanOrEqual(allowed);
    }
  }
});
