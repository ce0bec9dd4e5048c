import type { Style } from "./style.ts";
/**
 * How many columns of a terminal a text takes. Expects text as `plainLine` gives it: one line, nothing invisible.
 *
 * Stands in for string-width and wrap-ansi, which make an `Intl.Segmenter` at import: 47 ms more on a busy machine.
 */
export function displayWidth(text: string): number {
  if (isAscii.test(text)) return text.length;
  let width = 0;
  for (const { segment } of characters(text)) width += isWide.test(segment) ? 2 : 1;
  return width;
}

/** As much of a text as fits, ended by an ellipsis where something was cut off. */
export function cutToWidth(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = "";
  let used = 0;
  for (const { segment } of characters(text)) {
    used += isWide.test(segment) ? 2 : 1;
    if (used > width - 1) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what a terminal takes for a colour
const colours = /\u001b\[\d+m/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the same, to split a text by
const coloursBetween = /(\u001b\[\d+m)/;

/** A text in lines of this width, broken at spaces; a word that is longer is broken where the line ends. Colours take no room. */
export function wrapToWidth(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  let used = 0;
  for (const [index, word] of text.split(" ").entries()) {
    const room = displayWidth(word.replaceAll(colours, ""));
    if (index > 0 && used > 0 && used + 1 + room > width) {
      lines.push(line);
      [line, used] = ["", 0];
    } else if (index > 0) {
      line += " ";
      used += 1;
    }
    for (const [number, piece] of (room > width ? pieces(word, width) : [word]).entries()) {
      if (number > 0) lines.push(line);
      line = number > 0 ? piece : line + piece;
      used =
        number > 0 ? displayWidth(piece.replaceAll(colours, "")) : used + displayWidth(piece.replaceAll(colours, ""));
    }
  }
  return [...lines, line];
}

/** A word in parts that fit. */
function pieces(word: string, width: number): string[] {
  const parts: string[] = [];
  let part = "";
  let used = 0;
  for (const text of word.split(coloursBetween)) {
    if (coloursBetween.test(text)) {
      part += text;
      continue;
    }
    for (const { segment } of characters(text)) {
      const room = isWide.test(segment) ? 2 : 1;
      if (used + room > width) {
        parts.push(part);
        [part, used] = ["", 0];
      }
      part += segment;
      used += room;
    }
  }
  return [...parts, part];
}

/** A whole text with no line wider than a terminal: what is wider goes on below itself, as far in as it began. */
export function fitToWidth(text: string, width: number): string {
  return text
    .split("\n")
    .flatMap((line) => {
      if (displayWidth(line.replaceAll(colours, "")) <= width) return line;
      const [lead = ""] = /^ *(?:- )?/.exec(line) ?? [];
      const indent = lead.length > width / 2 ? "" : " ".repeat(lead.length);
      const parts = wrapToWidth(line.slice(lead.length), width - indent.length);
      return parts.map((part, index) => (index === 0 && indent !== "" ? lead : indent) + part);
    })
    .join("\n");
}

/** A sentence in lines as wide as a terminal; elsewhere it stays one line. */
export function wrapped(text: string, width: number | undefined): string[] {
  return width === undefined ? [text] : wrapToWidth(text, width);
}

const isAscii = /^[ -~]*$/;

let segmenter: Intl.Segmenter | undefined;

/** Characters as a person counts them: a letter with its accents is one, and a flag of two letters. */
function characters(text: string): Intl.Segments {
  // Made when it is needed: that takes longer than all that most commands do.
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return segmenter.segment(text);
}

/**
 * East Asian Wide and Fullwidth (Unicode Standard Annex #11), by their blocks, and what is shown as an emoji. Terminals
 * do not agree on ambiguous characters; they count one column, as in most.
 */
const isWide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\p{Regional_Indicator}/u;

const LONGEST_LINE = 100;

/** A text whose further lines stand below its first one, which begins in a column. A pipe gets lines of a fair length. */
export function hanging(text: string, indent: number, { width }: Pick<Style, "width">): string {
  const room = Math.min(width ?? LONGEST_LINE, LONGEST_LINE) - indent;
  const lines = text.split("\n").flatMap((line) => wrapToWidth(line, room));
  return lines.join(`\n${" ".repeat(indent)}`);
}
