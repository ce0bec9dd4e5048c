import { withOtherAgent } from "../../../adr004/record-text.ts";
import { type FileSystem, READ, statusAt, statusOf, withFileIfThere } from "../files/file-system.ts";
import { appendLines, endLastLine } from "../journal/append.ts";
import { forEachLine, type UseLine } from "../journal/lines.ts";

interface Move {
  readonly fileSystem: FileSystem;
  readonly from: string;
  readonly into: string;
  /** Where what was moved before begins in the file that the lines go to. */
  readonly size: number;
  readonly names: { readonly from: string; readonly into: string };
}

/** Appends the lines of one file to another, in the new name, but for those that stand there since. */
export async function moveLines({ fileSystem, from, into, names, size }: Move): Promise<void> {
  if (statusAt(fileSystem, from) === undefined) return;
  endLastLine(fileSystem, from);
  endLastLine(fileSystem, into);
  const there = new Map<string, number>();
  await eachLine(fileSystem, into, size, (line) => {
    const text = line.toString("latin1");
    there.set(text, (there.get(text) ?? 0) + 1);
  });
  const missing: Buffer[] = [];
  await eachLine(fileSystem, from, 0, (line) => {
    const named = withOtherAgent(line, names.from, names.into);
    const text = named.toString("latin1");
    const count = there.get(text) ?? 0;
    there.set(text, count - 1);
    if (count <= 0) missing.push(Buffer.from(named), Buffer.from("\n"));
  });
  if (missing.length > 0) appendLines(fileSystem, into, Buffer.concat(missing), from);
}

/** Every whole line of a file from an offset on, with all its bytes. The file need not be there. */
export function eachLine(fileSystem: FileSystem, path: string, from: number, use: UseLine): Promise<void> {
  return withFileIfThere(fileSystem, path, READ, async (fd) => {
    if (fd === undefined) return;
    const to = statusOf(fileSystem, fd).size;
    await forEachLine(fileSystem, fd, { from: Math.min(from, to), to, areWhole: true }, use);
  });
}
