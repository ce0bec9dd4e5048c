import { withoutMarks } from "./code-marks.ts";

/** Text that agents or other writers recorded, made fit to be shown: it is data, and can never become anything else. */

/** What lies beyond is not looked at, so that a huge text costs no more than a long one. */
const LONGEST_LOOKED_AT = 4000;

/** Words of printable ASCII with one space between them: most of what is recorded, and known at a glance. */
const plainAlready = /^(?:[!-~]+(?: [!-~]+)*)?$/;

/**
 * One line of what a text says, at most `limit` characters: without control, format, bidirectional, invisible, tag and
 * unassigned characters, without piles of combining marks, white space run together. Safe in JSON and in a terminal;
 * for markdown take `recordedText`.
 */
export function plainLine(text: string, limit: number): string {
  if (text.length <= limit && plainAlready.test(text)) return text;
  const visible = text
    .slice(0, LONGEST_LOOKED_AT)
    .replace(/\s+/gu, " ")
    // Invisible first, and without leaving a gap: what they take apart (a link, say) has to be recognised as a whole.
    .replace(/\p{Default_Ignorable_Code_Point}+/gu, "")
    .replace(/[\p{C}\p{Z}\u2800]+/gu, " ")
    .replace(/(\p{M}\p{M})\p{M}+/gu, "$1")
    .trim();
  return shorten(visible, text.length > LONGEST_LOOKED_AT ? Math.min(limit, visible.length - 1) : limit);
}

/**
 * Text as it stands, over several lines, for who reads it on a terminal: but nothing in it steers that, or makes it show
 * another order of the characters than there is. Joiners stay, which scripts and emoji need.
 */
export function printable(text: string): string {
  return text.replaceAll(/[^\P{C}\n\t\u200c\u200d]|[\u2028\u2029]/gu, "?");
}

function shorten(line: string, limit: number): string {
  // A line of no more UTF-16 units than the limit has no more characters either.
  if (line.length <= limit) return line;
  const characters = [...line];
  if (characters.length <= limit) return line;
  return `${characters
    .slice(0, Math.max(0, limit - 1))
    .join("")
    .trimEnd()}…`;
}

/** Addresses that a program may turn into a link on its own. Each repetition is bounded or consumes: linear time. */
const address = /[a-z0-9+.-]{0,30}[:\uff1a][/\uff0f]{2}\S*|www\.\S*|(?:javascript|vbscript|data|mailto):\S*/giu;

/**
 * Recorded text for markdown: a code span on one line, at most `limit` characters between its marks. Nothing in it is
 * markdown any more, addresses are replaced by "(link)", and the marks say that it is recorded data.
 */
export function recordedText(text: string, limit: number): string {
  const line = withoutMarks(plainLine(text, LONGEST_LOOKED_AT)).replace(address, "(link)");
  const shown = shorten(line, limit);
  return shown === "" ? "(empty)" : `\`${shown}\``;
}
