/** How a simple command ends. A pipe of stderr is one like any other, and a new line is one like a semicolon. */
export type Operator = "" | "&&" | "||" | "|" | ";" | "&";

export interface ShellPart {
  /** Without quotes, redirections, comments and the parentheses of subshells. */
  readonly words: readonly string[];
  /** The files that its output goes to. */
  readonly writes: readonly string[];
  /** The text that it reads in place of a file; empty without one. */
  readonly heredoc: string;
  /** Empty at the end of the line. */
  readonly after: Operator;
}

/** A line of an agent is rarely as long, and what lies beyond is not looked at. */
const LONGEST_LINE = 65_536;

/**
 * The simple commands of a line of a POSIX shell, by the grammar of POSIX.1-2024, 2.10. A small part of that is enough to
 * see which programs were started: packages that parse it all are far larger, or throw at what agents write. What stands
 * in `$(…)`, in backquotes and in quotes is part of a word. Text that is no shell gives words that no rule knows.
 */
export function shellParts(line: string): ShellPart[] {
  return new ShellLine(line.slice(0, LONGEST_LINE)).parts();
}

interface Heredoc {
  readonly end: string;
  readonly part: { heredoc: string };
}

class ShellLine {
  readonly #text: string;
  readonly #parts: ShellPart[] = [];
  #at = 0;
  #part = emptyPart();
  /** The word under way; `undefined` between words, for a word may be empty. */
  #word: string | undefined;
  /** What the next word is, if it is no word of the command. */
  #next: "output" | "input" | "heredoc" | undefined;
  #heredocs: Heredoc[] = [];
  #subshells = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parts(): ShellPart[] {
    while (this.#at < this.#text.length) this.#step(this.#text.charAt(this.#at));
    this.#endPart("");
    return withoutTail(this.#parts);
  }

  #step(char: string): void {
    const next = this.#text.charAt(this.#at + 1);
    const isBetween = this.#word === undefined;
    if (char === "\\") this.#escaped(next);
    else if (char === "'") this.#appendTo(this.#text.indexOf("'", this.#at + 1), 1);
    else if (char === '"') this.#doubleQuoted();
    else if (char === "`") this.#appendTo(this.#text.indexOf("`", this.#at + 1), 0);
    else if ((char === "$" || char === "<" || char === ">") && next === "(") this.#substitution();
    else if (char === " " || char === "\t" || char === "\r") this.#endWord();
    else if (char === "#" && isBetween) this.#skip(endOfLine(this.#text, this.#at) - this.#at);
    else if (char === "(" && isBetween && this.#part.words.length === 0) this.#subshell(1);
    else if (char === ")" && this.#subshells > 0) this.#subshell(-1);
    else if (char === ">" || char === "<" || (char === "&" && next === ">")) this.#redirection();
    else if (char === "\n") this.#newLine();
    else if (char === ";" || char === "|" || char === "&") this.#operator(char, next);
    else this.#append(char, 1);
  }

  #escaped(next: string): void {
    if (next === "\n") this.#skip(2);
    else this.#append(next, 2);
  }

  #skip(length: number): void {
    this.#at += length;
  }

  #append(text: string, length: number): void {
    this.#word = (this.#word ?? "") + text;
    this.#at += length;
  }

  /** Up to `end`, the last character of something; all of the rest if it has no end. */
  #appendTo(end: number, quotes: 0 | 1): void {
    const [last, next] = end < 0 ? [this.#text.length, this.#text.length] : [end + 1 - quotes, end + 1];
    this.#append(this.#text.slice(this.#at + quotes, last), next - this.#at);
  }

  #doubleQuoted(): void {
    this.#append("", 1);
    while (this.#at < this.#text.length) {
      const char = this.#text.charAt(this.#at);
      if (char === '"') break;
      const next = this.#text.charAt(this.#at + 1);
      if (char === "\\" && next === "\n") this.#skip(2);
      else if (char === "\\") this.#append('"\\$`'.includes(next) ? next : char + next, 2);
      else if (char === "$" && next === "(") this.#substitution();
      else this.#append(char, 1);
    }
    this.#skip(1);
  }

  #substitution(): void {
    this.#appendTo(endOfSubstitution(this.#text, this.#at + 1), 0);
  }

  #subshell(by: 1 | -1): void {
    this.#endWord();
    this.#subshells += by;
  }

  #endWord(): void {
    const word = this.#word;
    this.#skip(1);
    this.#takeWord(word);
  }

  #takeWord(word: string | undefined): void {
    this.#word = undefined;
    if (word === undefined) return;
    const kind = this.#next;
    this.#next = undefined;
    if (kind === undefined) this.#part.words.push(word);
    else if (kind === "output") this.#part.writes.push(word);
    else if (kind === "heredoc") this.#heredocs.push({ end: word, part: this.#part });
  }

  /** A number before it is the stream that is led elsewhere, and one behind `&` is where to. */
  #redirection(): void {
    const [sign = "", digits] = redirection(this.#text, this.#at);
    const isOfStream = /^\d{1,3}$/.test(this.#word ?? "");
    this.#takeWord(isOfStream ? undefined : this.#word);
    this.#skip(sign.length + (digits?.length ?? 0));
    if (digits !== undefined) return;
    this.#next = /^<<-?$/.test(sign) ? "heredoc" : sign.includes(">") ? "output" : "input";
  }

  #newLine(): void {
    this.#endPart(";");
    this.#skip(1);
    for (const { end, part } of this.#heredocs.splice(0)) part.heredoc = this.#heredocUntil(end);
  }

  #heredocUntil(end: string): string {
    const from = this.#at;
    while (this.#at < this.#text.length) {
      const line = this.#at;
      this.#at = endOfLine(this.#text, line) + 1;
      if (this.#text.slice(line, this.#at).trim() === end) return this.#text.slice(from, line);
    }
    return this.#text.slice(from);
  }

  #operator(char: ";" | "|" | "&", next: string): void {
    const isDouble = next === char;
    const sign = isDouble && char === "&" ? "&&" : isDouble && char === "|" ? "||" : char;
    this.#endPart(sign);
    this.#skip(isDouble || (char === "|" && next === "&") ? 2 : 1);
  }

  #endPart(after: Operator): void {
    this.#takeWord(this.#word);
    const part = this.#part;
    part.after = after;
    const { words, writes } = part;
    if (words.length > 0 || writes.length > 0) this.#parts.push(part);
    this.#part = emptyPart();
  }
}

function emptyPart(): { words: string[]; writes: string[]; heredoc: string; after: Operator } {
  return { words: [], writes: [], heredoc: "", after: "" };
}

const redirectionPattern = /(&>>?|<<<|<<-?|<>|<&|<|>&|>>|>\||>)(?:(?<=[<>]&)(\d+|-))?/y;

function redirection(text: string, at: number): [string | undefined, string | undefined] {
  redirectionPattern.lastIndex = at;
  const [, sign, digits] = redirectionPattern.exec(text) ?? [];
  return [sign, digits];
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}

/** The place of the parenthesis that closes the one at `open`; -1 without one. */
function endOfSubstitution(text: string, open: number): number {
  let depth = 0;
  let quote = "";
  for (let at = open; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === "\\" && quote !== "'") at++;
    else if (quote !== "") quote = char === quote ? "" : quote;
    else if (char === "'" || char === '"') quote = char;
    else if (char === "(") depth++;
    else if (char === ")" && --depth === 0) return at;
  }
  return -1;
}

/** Without what only closes a group: its exit status, and so its end, is that of the command before. */
function withoutTail(parts: readonly ShellPart[]): ShellPart[] {
  const kept: ShellPart[] = [];
  for (const part of parts) {
    const last = kept.at(-1);
    if (last !== undefined && part.words.join(" ") === "}") kept[kept.length - 1] = { ...last, after: part.after };
    else kept.push(part);
  }
  const last = kept.pop();
  return last === undefined ? [] : [...kept, last.after === ";" ? { ...last, after: "" } : last];
}
