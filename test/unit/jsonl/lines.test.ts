import { closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_LINE_BYTES } from "../../../src/adr004/run-line.ts";
import { forEachLine, linesBackwards, readLineAt } from "../../../src/storage/jsonl/journal/lines.ts";
import { interceptedFileSystem, moveHalf } from "../../support/intercepted-file-system.ts";
import { fastTemporaryFolder } from "../../support/places.ts";

/** Pieces of a file: lines of all lengths, some of them longer than what is read at once. */
const pieces = fc.array(
  fc.oneof(
    fc.constantFrom("\n", "\n\n", "\u2028", "é"),
    fc.string(),
    fc.nat(600_000).map((size) => "x".repeat(size)),
  ),
  { maxLength: 12 },
);

function openFile(content: string): { fd: number; size: number; close(): void } {
  const path = join(fastTemporaryFolder(), "file");
  writeFileSync(path, content);
  const fd = openSync(path, "r");
  return { fd, size: Buffer.byteLength(content), close: () => closeSync(fd) };
}

/** A file system that counts what is read, and reads less than it is asked for from time to time. */
function counting() {
  const count = { calls: 0, bytes: 0 };
  const fileSystem = interceptedFileSystem((call) => {
    const read = call.number % 3 === 0 ? moveHalf(call) : call.proceed();
    count.calls += 1;
    count.bytes += Number(read);
    return read;
  });
  return { count, fileSystem };
}

async function read(content: string, from: number): Promise<{ lines: string[]; starts: number[]; end: number }> {
  const { fd, size, close } = openFile(content);
  const lines: string[] = [];
  const starts: number[] = [];
  const end = await forEachLine(counting().fileSystem, fd, { from, to: size }, (bytes, start) => {
    lines.push(bytes.toString());
    starts.push(start);
  });
  close();
  return { lines, starts, end };
}

describe("reading line by line", () => {
  it("gives every whole line from anywhere on, and where it begins", async () => {
    await fc.assert(
      fc.asyncProperty(pieces, fc.nat(), async (parts, anywhere) => {
        const bytes = Buffer.from(parts.join(""));
        const from = bytes.length === 0 ? 0 : anywhere % bytes.length;
        const end = Math.max(from, bytes.lastIndexOf("\n") + 1);
        const expected = bytes.subarray(from, end).toString().split("\n").slice(0, -1);
        const found = await read(parts.join(""), from);
        expect(found.end).toBe(end);
        expect(found.lines).toEqual(expected);
        expect(found.starts).toEqual(found.starts.toSorted((a, b) => a - b));
        for (const [index, start] of found.starts.entries()) {
          const line = bytes.subarray(start, bytes.indexOf("\n", start)).toString();
          expect(line).toBe(found.lines[index]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("backwards gives the same lines, and the one behind the last newline", async () => {
    await fc.assert(
      fc.asyncProperty(pieces, async (parts) => {
        const { fd, size, close } = openFile(parts.join(""));
        const lines: string[] = [];
        for await (const { start, bytes } of linesBackwards(counting().fileSystem, fd, size)) {
          lines.unshift(bytes.toString());
          expect(readLineAt(counting().fileSystem, fd, start).equals(bytes)).toBe(true);
        }
        close();
        expect(lines).toEqual(size === 0 ? [] : parts.join("").split("\n"));
      }),
      { numRuns: 60 },
    );
  });

  it("reads a line of any length a bounded number of times, and holds no more of it than tells that it is too long", async () => {
    const { fd, size, close } = openFile(`first\n${"x".repeat(40_000_000)}\nlast\n`);
    const found: [length: number, start: number][] = [];
    const whole = counting();
    const use = (bytes: Buffer, start: number) => void found.push([bytes.length, start]);
    expect(await forEachLine(whole.fileSystem, fd, { from: 0, to: size, areWhole: true }, use)).toBe(size);
    expect(found).toEqual([
      [5, 0],
      [40_000_000, 6],
      [4, 40_000_007],
    ]);
    const forwards = counting();
    expect(await forEachLine(forwards.fileSystem, fd, { from: 0, to: size }, use)).toBe(size);
    const backwards = counting();
    for await (const { bytes, start } of linesBackwards(backwards.fileSystem, fd, size)) use(bytes, start);
    expect(found.slice(3).map(([, start]) => start)).toEqual([0, 6, 40_000_007, 40_000_012, 40_000_007, 6, 0]);
    const one = counting();
    const lengths = [found[4]?.[0], found[8]?.[0], readLineAt(one.fileSystem, fd, 6).length];
    for (const length of lengths) expect(length).toBeGreaterThan(MAX_LINE_BYTES);
    for (const length of lengths) expect(length).toBeLessThan(18_000_000);
    expect([whole, forwards, backwards].map(({ count }) => count.bytes)).toEqual([size, size, size]);
    expect(one.count.bytes).toBeLessThan(18_000_000);
    close();
  });
});
