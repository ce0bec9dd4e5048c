import { isJsonObject } from "../../../domain/json.ts";
import { READ, readRange, withFile } from "../file-system.ts";
import type { Layout } from "../layout.ts";
import { decodeEntry, decodeEvent } from "../optimizer.ts";
import { examineLeftovers } from "./examine-agent.ts";
import type { Findings } from "./findings.ts";
import { examineLines, examineQuarantine, type LineFile } from "./line-files.ts";

/** Looks at what optimizers have left: the report, the recommendations, and what became of them. */
export async function examineOptimizer(findings: Findings): Promise<void> {
  const { fileSystem, layout } = findings;
  const names = findings.names(layout.optimizer);
  if (names.length === 0) return;
  await findings.file(layout.analysis, (size) => {
    const bytes = withFile(fileSystem, layout.analysis, READ, (fd) => readRange(fileSystem, fd, 0, size));
    if (isAnalysis(bytes)) return;
    const repair = "moves its content to analysis.quarantine; the optimizer writes a new one";
    findings.add(layout.analysis, { kind: "damage", reason: "it is not a JSON object", lost: true, repair });
  });
  for (const file of optimizerLines(layout)) {
    await examineLines(findings, file);
    await examineQuarantine(findings, file.quarantine);
  }
  await examineQuarantine(findings, quarantineOf(layout.analysis));
  examineLeftovers(findings, { folder: layout.optimizer, names, lock: "optimizer" });
}

export function isAnalysis(bytes: Buffer): boolean {
  try {
    return isJsonObject(JSON.parse(bytes.toString("utf8")));
  } catch {
    return false;
  }
}

export function optimizerLines({ recommendationEvents, recommendations }: Layout): LineFile[] {
  return [
    {
      path: recommendations,
      quarantine: quarantineOf(recommendations),
      isReadable: (line) => decodeEntry(line) !== undefined,
      reason: "it is no entry of recommendations",
    },
    {
      path: recommendationEvents,
      quarantine: quarantineOf(recommendationEvents),
      isReadable: (line) => decodeEvent(line) !== undefined,
      reason: "it is no change of a recommendation",
    },
  ];
}

export function quarantineOf(path: string): string {
  return path.replace(/\.jsonl?$/, ".quarantine");
}
