import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkout } from "../support/server-process.ts";

/**
 * A comparison over time names no cause: only a coin, thrown for each run, can tell what advice did. So the words for causes
 * stand nowhere that a reader may see them, but where trials are spoken of.
 */
const causes = /\b(?:helped|helps|hurts?|effects?|effective|thanks to|because of the advice|led to)\b/i;
const aboutTrials = /\btrials?\b|\bE values?\b|\bthe shown arm\b/i;

/** A file that is about trials alone. */
const ofTrials = /trial|holdout/;
/** The figures of a trial, by their names in JSON. */
const figureNames = /^ +(?:helps|hurts),$/;

function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(join(checkout, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending) && !ofTrials.test(name))
    .map((name) => join(folder, name));
}

const read = (path: string) => readFileSync(join(checkout, path), "utf8");

/** What a program can print stands in its strings: the code without comments, line by line. */
function printedLines(code: string): string[] {
  return code
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .split("\n")
    .map((line) => line.replace(/(?:^|\s)\/\/ .*$/, ""))
    .filter((line) => /["'`]/.test(line) || /^[^(){};=]*$/.test(line))
    .filter((line) => !figureNames.test(line));
}

const suspicious = (lines: readonly string[]) => lines.filter((line) => causes.test(line) && !aboutTrials.test(line));

describe("no sentence claims a cause without a coin", () => {
  test.each(filesBelow("src", ".ts"))("that %s can print", (path) => {
    expect(suspicious(printedLines(read(path)))).toEqual([]);
  });

  test.each(["README.md", ...filesBelow("src", ".md")])("in %s", (path) => {
    // The names that are gone are told to who has read them.
    const paragraphs = read(path)
      .replaceAll(/^```[\s\S]*?^```$/gm, (block) => (causes.test(block) ? block : ""))
      .split(/\n\n|\n(?=[-|#])/);
    const left = suspicious(paragraphs).filter((text) => !text.includes("If a program reads `effect`"));
    expect(left.filter((text) => !text.includes("in place of `effect`"))).toEqual([]);
  });

  test("and this test sees one that does", () => {
    expect(suspicious(printedLines('const words = { better: "the advice helped" };'))).toHaveLength(1);
    expect(suspicious(printedLines("// It helped.\n/* It helped. */\nconst a = 1;"))).toEqual([]);
  });
});
