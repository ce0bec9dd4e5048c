import type { SourceLine } from "../../kaizen/import/import.ts";

const NEWLINE = 0x0a;
/** A line of more bytes than any reader takes is cut here: that it is too long can be told from what is left. */
const LONGEST_LINE = 5 * 1024 * 1024;

/** The lines in what is read, as many at a time as one read gives, without their newlines; also the last one, if it has none. */
export async function* readLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<readonly SourceLine[]> {
  let line = 0;
  /** The parts of a line whose end has not come, as far as they are kept. */
  let begun: Buffer[] = [];
  let length = 0;
  const keep = (part: Buffer) => {
    if (length < LONGEST_LINE) begun.push(part);
    length += part.length;
  };
  const ended = (): SourceLine => {
    line += 1;
    const bytes = begun.length === 1 && begun[0] !== undefined ? begun[0] : Buffer.concat(begun);
    begun = [];
    length = 0;
    return { bytes, line };
  };
  for await (const chunk of chunks) {
    const lines: SourceLine[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      keep(chunk.subarray(start, end));
      lines.push(ended());
      start = end + 1;
    }
    if (start < chunk.length) keep(chunk.subarray(start));
    if (lines.length > 0) yield lines;
  }
  if (length > 0) yield [ended()];
}
