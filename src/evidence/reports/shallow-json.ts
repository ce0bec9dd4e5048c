import { unreadable } from "./report.ts";

/** Of what stands in the outermost value itself, in characters. */
const LONGEST_KEPT = 1024 * 1024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const opening = new Set([0x5b, 0x7b]);
const closing = new Set([0x5d, 0x7d]);

/**
 * The members of an object in a JSON text that comes in parts, with `[]` and `{}` in the place of what is nested in it.
 * What is nested is looked at no further than to find its end. Stands in for stream-json, which hands out each token
 * of it.
 */
export class ShallowJson {
  #kept = "";
  #depth = 0;
  #isInString = false;
  #isEscaped = false;

  write(text: string): void {
    let from = 0;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (this.#isInString) {
        this.#readInString(code);
      } else if (code === QUOTE) {
        this.#isInString = true;
      } else if (opening.has(code)) {
        if (this.#depth === 1) this.#keep(text.slice(from, at + 1));
        this.#depth += 1;
      } else if (closing.has(code)) {
        this.#depth -= 1;
        if (this.#depth === 1) from = at;
      }
    }
    if (this.#depth <= 1) this.#keep(text.slice(from));
  }

  /** The value. Fails with a `KaizenError` if the text was no JSON. */
  end(): unknown {
    try {
      return JSON.parse(this.#kept);
    } catch (cause) {
      throw unreadable(
        "The report is no JSON, or it was cut off.",
        "Look at the file: it should be as the test runner's reporter `json` wrote it.",
        cause,
      );
    }
  }

  #readInString(code: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (code === BACKSLASH) this.#isEscaped = true;
    else if (code === QUOTE) this.#isInString = false;
  }

  #keep(text: string): void {
    this.#kept += text;
    if (this.#kept.length > LONGEST_KEPT) {
      throw unreadable(
        "The report is no report of vitest or jest: too much stands at its top.",
        "Have the test runner write it with --reporter=json.",
      );
    }
  }
}
