import { join } from "node:path";
import { asJson, BARE_WORDS } from "../../../adr004/foreign-json.ts";
import { decodeEntry, decodeEvent } from "../../../adr004/recommendation-line.ts";
import type { Layout } from "../files/layout.ts";
import { isAnalysisQuarantine, isDamagedAnalysis, reportText } from "./analysis-file.ts";
import { examineLateLines, examineLeftovers } from "./examine-agent.ts";
import type { Findings } from "./findings.ts";
import { examineLines, examineQuarantine, type LineFile } from "./line-files.ts";

/** Looks at what optimizers have left: the report, the recommendations, and what became of them. */
export async function examineOptimizer(findings: Findings): Promise<void> {
  const { fileSystem, layout } = findings;
  const names = findings.names(layout.optimizer);
  if (names.length === 0) return;
  await findings.file(layout.analysis, async () => {
    if (!(await isDamagedAnalysis(fileSystem, layout.analysis))) {
      const text = reportText(fileSystem, layout.analysis);
      if (asJson(text) !== text) findings.add(layout.analysis, { kind: "remark", reason: BARE_WORDS, lost: false });
      return;
    }
    const repair = "moves it to a quarantine of its own; the optimizer writes a new one";
    findings.add(layout.analysis, { kind: "damage", reason: "it is not a JSON object", lost: true, repair });
  });
  for (const file of optimizerLines(layout)) {
    await examineLines(findings, file);
    await examineQuarantine(findings, file.quarantine);
  }
  for (const name of names.filter(isAnalysisQuarantine))
    await examineQuarantine(findings, join(layout.optimizer, name));
  examineLeftovers(findings, { folder: layout.optimizer, names, lock: "optimizer" });
  await examineLateLines(findings, [layout.recommendations, layout.recommendationEvents]);
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

function quarantineOf(path: string): string {
  return path.replace(/\.jsonl$/, ".quarantine");
}
