import { isJsonObject, type JsonObject, parseJson } from "../domain/text/json.ts";

// JSON as other programs write it: Python writes NaN and Infinity as bare words, and numbers of any size.

/** What is wrong with a text in which they stand. */
export const BARE_WORDS = "NaN and Infinity are not JSON; read as not reported";

const bareWord = /-?Infinity|NaN/y;

/** The text with null for such words outside strings. A text without one is given back as it is. */
export function asJson(text: string): string {
  if (!text.includes("NaN") && !text.includes("Infinity")) return text;
  return replaced(text, bareWord, () => "null");
}

/** Only where one of these stands can a number be beyond a double: most texts are told apart by this alone. */
const mayBeBeyond = /\d[eE]\+?\d{3}|(?<!\d)\d{200}/;
const number = /-?\d[\d.eE+-]*/y;

/**
 * A JSON text in which numbers beyond a double are the text of their digits. JavaScript would read Infinity, which no
 * JSON can say. A text without such a number is given back as it is.
 */
export function withDigits(text: string): string {
  if (!mayBeBeyond.test(text)) return text;
  return replaced(text, number, (digits) => (Number.isFinite(Number(digits)) ? digits : `"${digits}"`));
}

/** The object that a text is, to be looked at: bare words are null, numbers beyond a double the text of their digits. */
export function parseForeignObject(text: string): JsonObject | undefined {
  const value = parseJson(withDigits(asJson(text)));
  return isJsonObject(value) ? value : undefined;
}

/**
 * Replaces what a sticky pattern finds outside strings. One walk from left to right, past strings as a whole: a pattern
 * would try a torn string again from each quote in it.
 */
function replaced(text: string, pattern: RegExp, by: (found: string) => string): string {
  const pieces: string[] = [];
  let copied = 0;
  for (let at = 0; at < text.length; ) {
    pattern.lastIndex = at;
    const found = text[at] === '"' ? undefined : pattern.exec(text)?.[0];
    if (found === undefined) {
      at = text[at] === '"' ? stringEnd(text, at) : at + 1;
    } else {
      pieces.push(text.slice(copied, at), by(found));
      at += found.length;
      copied = at;
    }
  }
  return copied === 0 ? text : pieces.join("") + text.slice(copied);
}

/** Where the string that begins at a quote is over; the end of the text where it is torn. */
export function stringEnd(text: string, quote: number): number {
  for (let index = quote + 1; index < text.length; index += 1) {
    const character = text.charCodeAt(index);
    if (character === 0x5c) index += 1;
    else if (character === 0x22) return index + 1;
  }
  return text.length;
}
