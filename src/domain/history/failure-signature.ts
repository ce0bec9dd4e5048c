import { plainLine } from "../text/plain-text.ts";

/** As long as a message may be when it is reported; other writers may send more, and the rest tells no more. */
const LONGEST_LOOKED_AT = 8000;
const SIGNATURE_CHARACTERS = 200;

/** The signature of failures that say nothing about themselves. */
const UNSPECIFIED = "unspecified";

/**
 * What stays the same when a failure happens again: its type and message, with what differs from run to run replaced by
 * a mark: `<n>` a number, `<id>` an identifier, `<path>`, `<url>`, `<text>` something quoted. Failures with one signature
 * are taken for the same failure. Takes time in proportion to the text, whatever the text.
 */
export function failureSignature(type: string, message: string): string {
  const parts = [type, message].map(normalise).filter((part) => part !== "");
  return plainLine(parts.join(": "), SIGNATURE_CHARACTERS) || UNSPECIFIED;
}

function normalise(text: string): string {
  return text
    .slice(0, LONGEST_LOOKED_AT)
    .replace(url, "<url>")
    .replace(quoted, "<text>")
    .replace(word, (token) => normaliseWord(token))
    .trim();
}

const url = /\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s"'`<>]*/gi;

/**
 * Quoted text. An apostrophe within a word opens and closes nothing ("can't"). From an opening quote the search runs to
 * the next quote of its kind and never further, so that every character is looked at a bounded number of times.
 */
const quoted = /"[^"]*"|`[^`]*`|(?<!\p{L})'[^']*'(?!\p{L})|“[^”“]*”|«[^»«]*»/gu;

/** What stands between spaces, brackets and the like. Marks put in before fall apart into plain words, which stay. */
const word = /[^\s"'`()[\]{}<>,;|=]+/gu;

const uuid = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi;
const dateOrTime = /^[+-]?\d[\d/:.TZ+-]*$/;

/** Most words of most messages: nothing in them differs from run to run. A log is folded faster if they are known. */
const plainWord = /^[A-Za-z]{1,15}[.:!?]?$/;

function normaliseWord(token: string): string {
  if (plainWord.test(token)) return token;
  if (dateOrTime.test(token)) return `<n>${/[.:]$/.exec(token)?.[0] ?? ""}`;
  if (isPath(token)) return `<path>${token.endsWith(":") ? ":" : ""}`;
  return token
    .replace(uuid, "<id>")
    .replace(/[\p{L}\p{N}]+/gu, normalisePart)
    .replace(/<n>(?:[.:/-]<n>)+/g, "<n>");
}

/**
 * A path starts at a root, a drive, a home or a dot, or goes through at least two separators, or ends in a file with an
 * extension. "and/or" and "I/O" are none.
 */
function isPath(token: string): boolean {
  const separators = token.split(/[\\/]/).length - 1;
  if (separators === 0) return false;
  if (/^(?:[a-z]:[\\/]|\\\\|~[\\/]|\.{1,2}[\\/]|[\\/][\p{L}\p{N}_.@+-])/iu.test(token)) return true;
  return separators >= 2 || /[\\/][^\\/]*\.[a-z]\w{0,5}(?::\d+)*[:.]?$/i.test(token);
}

/** Letters and digits without anything between them: a number, an identifier, a word, or a word with a number in it. */
function normalisePart(part: string): string {
  const digits = part.match(/\p{Nd}/gu)?.length ?? 0;
  if (digits === 0) return /^[0-9a-f]{16,}$/i.test(part) ? "<id>" : part;
  if (digits === part.length) return "<n>";
  const isHex = /^(?:0x[0-9a-f]+|[0-9a-f]{7,})$/i.test(part);
  if (isHex || (part.length >= 16 && digits >= 3)) return "<id>";
  return part.replace(/\p{Nd}+/gu, "<n>");
}
