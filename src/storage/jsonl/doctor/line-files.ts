import { basename } from "node:path";
import { asJson, BARE_WORDS } from "../../../adr004/foreign-json.ts";
import { READ, readRange, withFileAsync } from "../files/file-system.ts";
import { forEachLine } from "../journal/lines.ts";
import type { Findings } from "./findings.ts";

/** How to read the lines of a file, and where a repair moves those that cannot be read. */
export interface LineFile {
  readonly path: string;
  readonly quarantine: string;
  readonly isReadable: (line: Buffer) => boolean;
  /** Completes "it is damage: ". */
  readonly reason: string;
}

/** Looks at a file that only we write to: a line of it can be read, or is moved out. */
export async function examineLines(findings: Findings, file: LineFile): Promise<void> {
  const { path, quarantine, isReadable, reason } = file;
  const { fileSystem } = findings;
  await findings.file(path, (size) =>
    withFileAsync(fileSystem, path, READ, async (fd) => {
      let line = 0;
      const look = (bytes: Buffer, offset: number) => {
        line += 1;
        if (isReadable(bytes)) {
          const text = bytes.toString();
          if (asJson(text) !== text) {
            findings.addLine(path, { kind: "remark", line, offset, reason: BARE_WORDS, lost: false });
          }
          return;
        }
        const repair = `moves the line to ${basename(quarantine)}`;
        findings.addLine(path, { kind: "damage", line, offset, reason, lost: true, repair });
      };
      const end = await forEachLine(fileSystem, fd, { from: 0, to: size }, look);
      if (end === size) return;
      // It may be on its way at this moment; but then it is soon over, and a second look finds nothing.
      const tail = readRange(fileSystem, fd, end, size);
      if (!isReadable(tail)) return look(tail, end);
      const place = { line: line + 1, offset: end, reason: UNENDED, lost: false };
      findings.addLine(path, { kind: "damage", ...place, repair: "ends the line" });
    }),
  );
}

/** A program that appends without looking would glue its line to this one. */
export const UNENDED = "the last line has no newline";

/** A file of lines that were set aside: that there are any is worth knowing. */
export async function examineQuarantine(findings: Findings, path: string): Promise<void> {
  await findings.file(path, (size) =>
    withFileAsync(findings.fileSystem, path, READ, async (fd) => {
      let lines = 0;
      await forEachLine(findings.fileSystem, fd, { from: 0, to: size }, (bytes) => {
        if (bytes.length > 0) lines += 1;
      });
      if (lines === 0) return;
      const what = lines === 1 ? "a line that was" : `${lines} lines that were`;
      const advice = "Look through them, and remove the file once nothing in it is missed.";
      findings.add(path, { kind: "remark", reason: `it holds ${what} set aside`, lost: false, advice });
    }),
  );
}
