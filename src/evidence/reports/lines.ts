/** What is beyond in a line is left out. */
const LONGEST_LINE = 64 * 1024;

/** The lines of a text that comes in parts. */
export async function* linesOf(parts: AsyncIterable<string>): AsyncGenerator<string> {
  let open = "";
  for await (const part of parts) {
    const lines = `${open}${part}`.split("\n");
    open = (lines.pop() ?? "").slice(0, LONGEST_LINE);
    for (const line of lines) yield bounded(line);
  }
  if (open !== "") yield bounded(open);
}

function bounded(line: string): string {
  return line.slice(0, LONGEST_LINE).replace(/\r$/, "");
}
