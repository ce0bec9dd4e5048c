import { type Edit, type Edited, EditRefused } from "../entry/edit.ts";
import { SERVER_NAME } from "../entry/launch.ts";
import { eolOf } from "../jsonc/json-layout.ts";

const BEGIN = `<!-- ${SERVER_NAME}: begin (written by init; init --remove takes it out) -->`;
const END = `<!-- ${SERVER_NAME}: end -->`;

/** By these any version knows the block of another one again. */
const begins = new RegExp(`^<!-- ${SERVER_NAME}: begin\\b.*-->[ \\t]*$`);
const ends = new RegExp(`^<!-- ${SERVER_NAME}: end\\b.*-->[ \\t]*$`);

/** Lines of ours between two marks, at the end of a file of markdown. */
export function markedBlock(what: string, lines: readonly string[]): Edit {
  const block = [BEGIN, ...lines, END];
  return {
    what,
    paste: block.join("\n"),
    apply: (text, { mode }) => (mode === "add" ? add(text, block) : remove(text)),
  };
}

function add(text: string | undefined, block: readonly string[]): Edited {
  if (text === undefined) return { text: `${block.join("\n")}\n`, did: "added" };
  if (text === "") return { text: block.join("\n"), did: "added" };
  const eol = eolOf(text);
  const place = placeOf(text);
  if (place === undefined) {
    // A file whose last line is not ended keeps that habit.
    const isEnded = text.endsWith("\n");
    const added = `${isEnded ? "" : eol}${eol}${block.join(eol)}${isEnded ? eol : ""}`;
    return { text: text + added, did: "added" };
  }
  const edited = text.slice(0, place.start) + block.join(eol) + text.slice(place.end);
  return { text: edited, did: edited === text ? "nothing" : "updated" };
}

function remove(text: string | undefined): Edited {
  const place = text === undefined ? undefined : placeOf(text);
  if (text === undefined || place === undefined) return { text, did: "nothing" };
  const before = text.slice(0, place.start);
  const after = text.slice(place.end);
  // The blank line before it came with it, and where the file is not ended, so did the line break before that.
  const left =
    after === ""
      ? before.replace(/(?:\r?\n){1,2}$/, "")
      : before.replace(/(?<=\n)\r?\n$/, "") + after.replace(/^\r?\n/, "");
  return { text: left === "" && after !== "" ? undefined : left, did: "removed" };
}

/** From the first character of the block to behind the last one. */
function placeOf(text: string): { start: number; end: number } | undefined {
  const lines = text.split(/(?<=\n)/);
  const indexes = (mark: RegExp) =>
    lines.flatMap((line, index) => (mark.test(line.replace(/\r?\n$/, "")) ? [index] : []));
  const [first, ...moreBegins] = indexes(begins);
  const [last, ...moreEnds] = indexes(ends);
  if (first === undefined && last === undefined) return undefined;
  if (first === undefined || last === undefined || last < first || moreBegins.length + moreEnds.length > 0) {
    throw new EditRefused(
      `the marks around the block of ${SERVER_NAME} are not one at its beginning and one at its end`,
    );
  }
  const lengthOf = (count: number) => lines.slice(0, count).join("").length;
  return { start: lengthOf(first), end: lengthOf(last) + (lines[last] ?? "").replace(/\r?\n$/, "").length };
}
