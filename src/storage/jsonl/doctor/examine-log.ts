import { decodeLine } from "../../../adr004/run-line.ts";
import { isSameName, MAX_NAME_CHARACTERS } from "../../../domain/run/agent-name.ts";
import { READ, readRange, withFileAsync } from "../files/file-system.ts";
import type { AgentFiles } from "../files/layout.ts";
import { forEachLine } from "../journal/lines.ts";
import { judgeLine } from "../projection/retention-policy.ts";
import type { Findings } from "./findings.ts";
import { UNENDED } from "./line-files.ts";

/** Looks at every line of a log. */
export async function examineLog(findings: Findings, { log }: AgentFiles): Promise<void> {
  const { agent, fileSystem } = findings;
  const others = new RunsOfOthers();
  await findings.file(log, (size) =>
    withFileAsync(fileSystem, log, READ, async (fd) => {
      let line = 0;
      const look = (bytes: Buffer, offset: number) => {
        line += 1;
        const { damage, executions } = decodeLine(bytes);
        for (const { record } of executions) {
          if (typeof record.agent === "string" && !isSameName(record.agent, agent)) others.count(record.agent);
        }
        if (damage === undefined) return;
        const place = { line, offset, reason: damage.reason, lost: damage.lost };
        const repair = damage.lost ? "moves the line to executions.quarantine" : "gives each record a line of its own";
        if (judgeLine(bytes).result !== "keep") findings.addLine(log, { kind: "damage", ...place, repair });
        else findings.addLine(log, { kind: "remark", ...place });
      };
      const end = await forEachLine(fileSystem, fd, { from: 0, to: size }, look);
      if (others.reason !== undefined) findings.add(log, { kind: "remark", reason: others.reason, lost: false });
      if (end === size) return;
      const tail = readRange(fileSystem, fd, end, size);
      const { damage, executions } = decodeLine(tail);
      if (damage?.lost || executions.length === 0) look(tail, end);
      else {
        const place = { line: line + 1, offset: end, reason: UNENDED, lost: false };
        findings.addLine(log, { kind: "damage", ...place, repair: "ends the line" });
      }
    }),
  );
}

/** Whose a run is its folder says. One that names another agent was brought here, or was written to the wrong place. */
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
