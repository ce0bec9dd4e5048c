import { readFileSync } from "node:fs";
import { topics } from "../../src/cli/frame/topics.ts";

export interface Page {
  /** Its path in the repository. */
  readonly path: string;
  readonly text: string;
}

/** The README and the manual, read the way a reader does: by headings, tables and blocks of code. */
export const pages: readonly Page[] = ["README.md", ...topics.map((topic) => `src/manual/${topic}.md`)].map((path) => ({
  path,
  text: readFileSync(new URL(`../../${path}`, import.meta.url), "utf8"),
}));

/** All of it, one page after the other. */
const whole = pages.map(({ text }) => text).join("\n");

/** What stands under a heading, with the chapters below it. */
export function chapter(heading: string): string {
  const lines = linesOutsideBlocks(whole);
  const start = lines.find(({ text, isCode }) => !isCode && /^#+ /.test(text) && text.replace(/^#+ /, "") === heading);
  if (start === undefined) throw new Error(`no page has a chapter "${heading}"`);
  const depth = start.text.indexOf(" ");
  const isEnd = ({ number, text, isCode }: Line) =>
    !isCode && number > start.number && /^#+ /.test(text) && text.indexOf(" ") <= depth;
  const end = lines.find(isEnd)?.number ?? lines.length;
  return lines
    .slice(start.number + 1, end)
    .map(({ text }) => text)
    .join("\n");
}

export interface Chapter {
  readonly heading: string;
  /** What stands under the heading, without the chapters below it. */
  readonly text: string;
}

/** Every chapter of a text, in its order. */
export function chapters(text = whole): Chapter[] {
  const found: { heading: string; lines: string[] }[] = [];
  for (const { text: line, isCode } of linesOutsideBlocks(text)) {
    if (!isCode && /^#+ /.test(line)) found.push({ heading: line.replace(/^#+ /, ""), lines: [] });
    else found.at(-1)?.lines.push(line);
  }
  return found.map(({ heading, lines }) => ({ heading, text: lines.join("\n") }));
}

/** Where the links and pictures of a text lead. */
export function links(text: string): string[] {
  const prose = linesOutsideBlocks(text).filter(({ isCode }) => !isCode);
  return prose.flatMap((line) =>
    [...line.text.matchAll(/(?:\]\(|src(?:set)?=")([^)"]+)[)"]/g)].map((match) => match[1] ?? ""),
  );
}

/** The sentences of a text: of its headings, paragraphs and lists, and of the cells of its tables. */
export function sentences(text: string): string[] {
  const units = [""];
  for (const { text: line, isCode } of linesOutsideBlocks(text)) {
    if (isCode || line === "") units.push("");
    else if (/^[#|]/.test(line)) units.push(...line.split(/[#|]+/), "");
    else if (/^\s*(?:[-*]|\d+\.) /.test(line)) units.push(line.replace(/^\s*(?:[-*]|\d+\.) /, ""));
    else units.push(`${units.pop()} ${line.trim()}`.trim());
  }
  return units
    .flatMap((unit) => unit.split(/(?<=[.?!](?:\*\*)?) /))
    .map((sentence) => sentence.trim())
    .filter((sentence) => /\w/.test(sentence));
}

/** The rows of a chapter's table with this first column, without its head; each row a list of cells. */
export function table(text: string, firstColumn: string): string[][] {
  const lines = text.split("\n");
  const head = lines.findIndex((line) => line.startsWith(`| ${firstColumn} |`));
  if (head < 0) throw new Error(`there is no table that begins with the column "${firstColumn}"`);
  const rest = lines.slice(head + 2);
  const end = rest.findIndex((line) => !line.startsWith("|"));
  return rest.slice(0, end < 0 ? undefined : end).map((row) =>
    row
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
}

/** The blocks of code in a language, with the newline at their end. */
export function blocks(text: string, language: string): string[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap((match) =>
    match[1] === language ? [match[2] ?? ""] : [],
  );
}

export function block(text: string, language: string, index = 0): string {
  const found = blocks(text, language)[index];
  if (found === undefined) throw new Error(`there is no block ${index} of ${language}`);
  return found;
}

/** What stands in backticks. */
export function codesIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");
}

/** Every block of JSON in the pages. */
export function jsonBlocks(): string[] {
  return blocks(whole, "json");
}

interface Line {
  readonly number: number;
  readonly text: string;
  readonly isCode: boolean;
}

function linesOutsideBlocks(text: string): Line[] {
  let isCode = false;
  return text.split("\n").map((line, number) => {
    const isFence = line.startsWith("```");
    if (isFence) isCode = !isCode;
    return { number, text: line, isCode: isCode || isFence };
  });
}
