import type { AgentName } from "../../../domain/run/agent-name.ts";
import type { RetentionDays } from "../../../domain/run/retention.ts";
import { examineDerived } from "./examine-derived.ts";
import { examineSources, examineUnfinished } from "./examine-folder.ts";
import { examineIndex } from "./examine-index.ts";
import { examineNested } from "./examine-unexpected.ts";
import type { Findings } from "./findings.ts";

/** Looks at every file of one agent. */
export async function examineAgent(
  findings: Findings,
  agent: AgentName,
  context: { retentionDays: RetentionDays; now: number },
): Promise<void> {
  const { fileSystem, layout } = findings;
  const files = layout.agent(agent);
  findings.agent = agent;
  const names = findings.names(files.folder);
  await examineSources(findings, files, names, async (journal) => {
    if (journal !== files.log) return;
    try {
      if (layout.hasLog(agent)) await examineDerived(findings, { agent, files, ...context });
    } catch (error) {
      // What stands in the place of the log was told by now.
      if (fileSystem.lstatSync(files.log, { throwIfNoEntry: false })?.isFile()) findings.unreadable(files.log, error);
    }
  });
  await examineIndex(findings, files, agent);
  examineNested(findings, files, names);
  await examineUnfinished(findings, files, names, agent);
}
