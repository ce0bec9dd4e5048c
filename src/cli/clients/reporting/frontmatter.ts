/** An item of a list in a frontmatter: what it says, and where it stands in the text, with its quotes. */
interface ListItem {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A list in one of the three forms that people write: `a, b`, `[a, b]`, or a line with a dash for each. */
export interface ListOfFrontmatter {
  readonly items: readonly ListItem[];
  readonly isBlock: boolean;
  /** Where the first item goes if there is none. */
  readonly start: number;
}

interface Value {
  /** Where it begins, behind the colon. */
  readonly start: number;
  /** The end of the frontmatter. */
  readonly end: number;
}

/**
 * The few things that are wanted of the frontmatter of an agent's file, with their places, so that every other byte can
 * stay. What stands there in a form that is not known counts as not there.
 *
 * Stands in for yaml (a parser that keeps places; 300 kB for three keys).
 */
export class Frontmatter {
  readonly #text: string;
  readonly #end: number;

  constructor(text: string) {
    this.#text = text;
    const opening = /^---[ \t]*\r?\n/.exec(text)?.[0].length;
    const closing = opening === undefined ? -1 : text.slice(opening - 1).search(/\n(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/);
    this.#end = opening === undefined || closing === -1 ? 0 : opening + closing;
  }

  /** One line of text. */
  word(key: string): string | undefined {
    const value = this.#value(key);
    if (value === undefined) return undefined;
    const line = this.#lineAt(value.start);
    return unquoted(line.replace(/[ \t]#.*$/, "").trim()) || undefined;
  }

  list(key: string): ListOfFrontmatter | undefined {
    const value = this.#value(key);
    if (value === undefined) return undefined;
    const line = this.#lineAt(value.start);
    const first = line.trimStart()[0];
    const at = value.start + (line.length - line.trimStart().length);
    if (first === undefined || first === "#") return this.#block(value.start + line.length);
    if (first === "[") return this.#flow(at, value.end);
    if (/^[|>&{!%@`]/.test(first)) return undefined;
    // A line that is indented goes on with the text before it.
    if (/^\r?\n[ \t]+[^\s#]/.test(this.#text.slice(value.start + line.length, value.end))) return undefined;
    if (first !== '"' && first !== "'") {
      const plain = line
        .trimStart()
        .replace(/[ \t]+#.*$/, "")
        .trimEnd();
      return { items: itemsIn(this.#text, at, at + plain.length), isBlock: false, start: at };
    }
    const close = this.#text.indexOf(first, at + 1);
    if (close === -1 || close > value.start + line.length) return undefined;
    return { items: itemsIn(this.#text, at + 1, close), isBlock: false, start: at + 1 };
  }

  #value(key: string): Value | undefined {
    const head = this.#text.slice(0, this.#end);
    const [found, another] = head.matchAll(new RegExp(`^${key}[ \\t]*:(?=[ \\t\\r\\n]|$)`, "gm"));
    if (found === undefined || another !== undefined) return undefined;
    return { start: found.index + found[0].length, end: this.#end };
  }

  #lineAt(start: number): string {
    return /^[^\r\n]*/.exec(this.#text.slice(start, this.#end))?.[0] ?? "";
  }

  #flow(open: number, end: number): ListOfFrontmatter | undefined {
    const close = this.#text.indexOf("]", open);
    const inside = this.#text.slice(open + 1, close);
    if (close === -1 || close > end || /[#[{]/.test(inside)) return undefined;
    return { items: itemsIn(this.#text, open + 1, close), isBlock: false, start: open + 1 };
  }

  #block(start: number): ListOfFrontmatter | undefined {
    const items: ListItem[] = [];
    const lines = /\r?\n([ \t]*)(?:-[ \t]+([^\r\n]*)|(?:#[^\r\n]*)?(?=\r?\n|$))/y;
    const head = this.#text.slice(0, this.#end);
    lines.lastIndex = start;
    for (let line = lines.exec(head); line !== null; line = lines.exec(head)) {
      const [whole, , item] = line;
      if (item === undefined) continue;
      const text = item.replace(/[ \t]+#.*$/, "").trimEnd();
      const from = line.index + whole.length - item.length;
      items.push({ text: unquoted(text), start: from, end: from + text.length });
    }
    return items.length === 0 ? undefined : { items, isBlock: true, start };
  }
}

/** What stands between commas; a comma in brackets or quotes is none of them. */
function itemsIn(text: string, start: number, end: number): ListItem[] {
  const pieces = text.slice(start, end).matchAll(/(?:\([^)]*\)|"[^"]*"|'[^']*'|[^,])+/g);
  return [...pieces].flatMap(({ 0: piece, index }) => {
    const item = piece.trim();
    const from = start + index + (piece.length - piece.trimStart().length);
    return item === "" ? [] : [{ text: unquoted(item), start: from, end: from + item.length }];
  });
}

function unquoted(text: string): string {
  return /^"(.*)"$|^'(.*)'$/.exec(text)?.slice(1).join("") ?? text;
}
