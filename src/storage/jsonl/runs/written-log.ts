import type { DecodedLine } from "../../../adr004/run-line.ts";
import { statusOf } from "../files/file-system.ts";
import { readAnchor } from "../journal/fingerprint.ts";
import { coverLines, type OpenLog, type ReadLine, readLine } from "./cover.ts";
import { type Covered, nothingCovered } from "./covered.ts";

/** What a log that is being written says: taken in line by line on the way, so that it need not be read afterwards. */
export class WrittenLog {
  readonly #log: Omit<OpenLog, "fd"> & { readonly indexFolder: string };
  #covered: Covered | undefined;
  /** Lines that are on their way into the file. */
  #lines: ReadLine[] = [];
  #end = 0;

  constructor(log: Omit<OpenLog, "fd"> & { readonly indexFolder: string }) {
    this.#log = log;
  }

  /** The next line, and how many bytes it takes with its newline. */
  add(line: DecodedLine, length: number): void {
    this.#lines.push(readLine(line, this.#end));
    this.#end += length;
  }

  /** Takes in the lines up to here: they stand in the file now. */
  cover(fd: number): Covered {
    const { fileSystem, indexFolder } = this.#log;
    this.#covered ??= nothingCovered(fileSystem, indexFolder, statusOf(fileSystem, fd).identity);
    const covered = this.#covered;
    coverLines(covered, { ...this.#log, fd }, this.#lines);
    this.#lines = [];
    covered.offset = this.#end;
    covered.anchor = readAnchor(fileSystem, fd, covered.offset);
    return covered;
  }

  get covered(): Covered | undefined {
    return this.#covered;
  }
}
