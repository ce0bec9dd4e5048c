/** A change in the form that `git apply` and `patch -p1` take; `undefined` stands for no file. */
export function unifiedDiff(path: string, before: string | undefined, after: string | undefined): string {
  if (before === after) return "";
  const script = differences(linesOf(before ?? ""), linesOf(after ?? ""));
  const heads = [
    `--- ${before === undefined ? "/dev/null" : `a/${path}`}\n`,
    `+++ ${after === undefined ? "/dev/null" : `b/${path}`}\n`,
  ];
  return [...heads, ...hunks(script)].join("");
}

const CONTEXT = 3;

interface Line {
  readonly sign: " " | "+" | "-";
  /** With its line break, where it has one. */
  readonly text: string;
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.split(/(?<=\n)/);
}

/** What ends and begins alike is set aside; the rest goes by the longest common subsequence of lines. */
function differences(before: readonly string[], after: readonly string[]): Line[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (
    end < before.length - start &&
    end < after.length - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  ) {
    end += 1;
  }
  return [
    ...before.slice(0, start).map(asContext),
    ...middle(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...before.slice(before.length - end).map(asContext),
  ];
}

/** Beyond so many pairs of lines, a change is shown as one block. */
const MOST_PAIRS = 4_000_000;

function middle(before: readonly string[], after: readonly string[]): Line[] {
  const width = after.length + 1;
  if (before.length * width > MOST_PAIRS) return [...before.map(asGone), ...after.map(asNew)];
  const common = new Uint32Array((before.length + 1) * width);
  const at = (i: number, j: number) => common[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      common[i * width + j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [gone, added] = [before[i], after[j]];
    if (gone !== undefined && gone === added) {
      lines.push(asContext(gone));
      i += 1;
      j += 1;
    } else if (gone !== undefined && (added === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push(asGone(gone));
      i += 1;
    } else if (added !== undefined) {
      lines.push(asNew(added));
      j += 1;
    }
  }
  return lines;
}

const asContext = (text: string): Line => ({ sign: " ", text });
const asGone = (text: string): Line => ({ sign: "-", text });
const asNew = (text: string): Line => ({ sign: "+", text });

function hunks(lines: readonly Line[]): string[] {
  const changed = lines.flatMap(({ sign }, index) => (sign === " " ? [] : [index]));
  const ranges: { from: number; to: number }[] = [];
  for (const index of changed) {
    const last = ranges.at(-1);
    const from = Math.max(0, index - CONTEXT);
    const to = Math.min(lines.length, index + CONTEXT + 1);
    if (last !== undefined && from <= last.to) last.to = to;
    else ranges.push({ from, to });
  }
  return ranges.map(({ from, to }) => {
    const head = lines.slice(0, from);
    const body = lines.slice(from, to);
    const old = span(head, body, "+");
    const fresh = span(head, body, "-");
    return `@@ -${old} +${fresh} @@\n${body.map(shown).join("")}`;
  });
}

/** Where a hunk begins in one of the two files, and how many lines it has there. */
function span(head: readonly Line[], body: readonly Line[], absent: "+" | "-"): string {
  const count = (lines: readonly Line[]) => lines.filter(({ sign }) => sign !== absent).length;
  const length = count(body);
  return `${count(head) + (length === 0 ? 0 : 1)},${length}`;
}

function shown({ sign, text }: Line): string {
  return text.endsWith("\n") ? sign + text : `${sign}${text}\n\\ No newline at end of file\n`;
}
