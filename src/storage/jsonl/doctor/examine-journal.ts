import { basename } from "node:path";
import { isSameName, MAX_NAME_CHARACTERS } from "../../../domain/run/agent-name.ts";
import { READ, readRange, withFileAsync } from "../files/file-system.ts";
import type { JournalPlace } from "../files/places.ts";
import { forEachLine } from "../journal/lines.ts";
import { judgeLine } from "../projection/retention-policy.ts";
import type { Findings } from "./findings.ts";

/** Looks at every line of a journal. */
export async function examineJournal(findings: Findings, { path, quarantine, read }: JournalPlace): Promise<void> {
  const { agent, fileSystem } = findings;
  const others = new RunsOfOthers();
  await findings.file(path, (size) =>
    withFileAsync(fileSystem, path, READ, async (fd) => {
      let line = 0;
      const look = (bytes: Buffer, offset: number) => {
        line += 1;
        const { damage, executions = [] } = read(bytes);
        for (const { record } of executions) {
          if (typeof record.agent === "string" && !isSameName(record.agent, agent)) others.count(record.agent);
        }
        if (damage === undefined) return;
        const { lost, reason } = damage;
        const place = { line, offset, reason, lost };
        const repair = lost ? `moves the line to ${basename(quarantine)}` : "gives each record a line of its own";
        if (judgeLine(bytes, read).result === "keep") findings.addLine(path, { kind: "remark", ...place });
        else findings.addLine(path, { kind: "damage", ...place, repair });
      };
      const end = await forEachLine(fileSystem, fd, { from: 0, to: size }, look);
      if (others.reason !== undefined) findings.add(path, { kind: "remark", reason: others.reason, lost: false });
      if (end === size) return;
      // It may be on its way at this moment; but then it is soon over, and a second look finds nothing.
      const tail = readRange(fileSystem, fd, end, size);
      const { damage, executions } = read(tail);
      if (damage?.lost || executions?.length === 0) return look(tail, end);
      // A program that appends without looking would glue its line to this one.
      const place = { line: line + 1, offset: end, reason: "the last line has no newline", lost: false };
      findings.addLine(path, { kind: "damage", ...place, repair: "ends the line" });
    }),
  );
}

/** Looks at a file of lines that were set aside: that there are any is worth knowing. */
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

/** The folder says whose a run is. A run that names another agent was brought here, or was written to the wrong place. */
class RunsOfOthers {
  #runs = 0;
  #name: string | undefined;
  #areSeveral = false;

  count(name: string): void {
    this.#runs += 1;
    this.#name ??= name;
    if (name !== this.#name) this.#areSeveral = true;
  }

  get reason(): string | undefined {
    if (this.#name === undefined) return undefined;
    const shown = JSON.stringify(this.#name.slice(0, MAX_NAME_CHARACTERS));
    const whom = this.#areSeveral ? `other agents, such as ${shown}` : `another agent, ${shown}`;
    if (this.#runs === 1) return `1 of its runs names ${whom}; it counts here`;
    return `${this.#runs} of its runs name ${whom}; they count here`;
  }
}
