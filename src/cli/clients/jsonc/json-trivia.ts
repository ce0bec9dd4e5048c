import { createScanner } from "jsonc-parser";

// What stands between the values of JSON with comments: white space, commas, comments. Offsets in, offsets and text out.

/** Where the comma stands that follows an offset with nothing but white space and comments between. */
export function commaAfter(text: string, offset: number): number | undefined {
  const trivia = /(?:\s|\/\/[^\r\n]*|\/\*[\s\S]*?\*\/)*/y;
  trivia.lastIndex = offset;
  trivia.exec(text);
  return text[trivia.lastIndex] === "," ? trivia.lastIndex : undefined;
}

/** Where the comments end that follow an offset on its line; the offset itself if there are none. */
export function endOfLineComments(text: string, offset: number): number {
  const comments = /(?:[ \t]*\/\*[^\r\n]*?\*\/)*(?:[ \t]*\/\/[^\r\n]*)?/y;
  comments.lastIndex = offset;
  comments.exec(text);
  return Math.max(offset, comments.lastIndex);
}

export function endOfTextBefore(text: string, offset: number): number {
  return text.slice(0, offset).trimEnd().length;
}

/** What follows on the line must not come to stand behind a comment that goes on to its end: then a line break stays. */
export function cutOut(text: string, start: number, end: number): string {
  const isAtLineEnd = /^[ \t]*(?:[\r\n]|$)/.test(text.slice(end, end + 200));
  const lineBreak =
    isAtLineEnd || !endsInLineComment(text, start) ? "" : (/\r\n|\r|\n/.exec(text.slice(start))?.[0] ?? "");
  return splice(text, start, end, lineBreak);
}

/** Of jsonc-parser's `SyntaxKind`, which is a constant enum and so not there when the program runs. */
const LINE_COMMENT = 12;
const END_OF_TEXT = 17;

function endsInLineComment(text: string, offset: number): boolean {
  const scanner = createScanner(text.slice(0, offset), false);
  let last: number = scanner.scan();
  for (let next: number = last; next !== END_OF_TEXT; next = scanner.scan()) last = next;
  return last === LINE_COMMENT;
}

export function splice(text: string, start: number, end: number, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}
