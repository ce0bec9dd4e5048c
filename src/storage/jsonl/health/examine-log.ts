import { READ, readRange, withFileAsync } from "../files/file-system.ts";
import type { AgentFiles } from "../files/layout.ts";
import { forEachLine } from "../files/lines.ts";
import { decodeLine } from "../format/codec.ts";
import { judgeLine } from "../log/fates.ts";
import type { Findings } from "./findings.ts";
import { UNENDED } from "./line-files.ts";

/** Looks at every line of a log. */
export async function examineLog(findings: Findings, { log }: AgentFiles): Promise<void> {
  const { fileSystem } = findings;
  await findings.file(log, (size) =>
    withFileAsync(fileSystem, log, READ, async (fd) => {
      let line = 0;
      const look = (bytes: Buffer, offset: number) => {
        line += 1;
        const { damage } = decodeLine(bytes);
        if (damage === undefined) return;
        const place = { line, offset, reason: damage.reason, lost: damage.lost };
        const repair = damage.lost ? "moves the line to executions.quarantine" : "gives each record a line of its own";
        if (judgeLine(bytes).fate !== "keep") findings.addLine(log, { kind: "damage", ...place, repair });
        else findings.addLine(log, { kind: "remark", ...place });
      };
      const end = await forEachLine(fileSystem, fd, { from: 0, to: size }, look);
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
