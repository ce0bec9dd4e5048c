import type { AgentName } from "../../../domain/run/agent-name.ts";
import type { RetentionDays } from "../../../domain/run/retention.ts";
import type { Examination, OnProgress, StoreFiles } from "../../health.ts";
import { foldersByAgent } from "../files/agent-spelling.ts";
import { statusAt, tellingReads } from "../files/file-system.ts";
import { examineAgent } from "./examine-agent.ts";
import { examineSources, examineUnfinished } from "./examine-folder.ts";
import { examineNames } from "./examine-names.ts";
import { examineUnexpected } from "./examine-unexpected.ts";
import { Findings } from "./findings.ts";
import { examineLocks, examineMoving } from "./locks-in-use.ts";
import { type RepairOptions, repairFindings } from "./repair.ts";

export interface HealthOptions extends RepairOptions {
  readonly retentionDays: RetentionDays;
  readonly unsafeAgents: () => Promise<AgentName[]>;
}

/** The store's files from outside. */
export function jsonlHealth(options: HealthOptions): StoreFiles {
  return {
    unsafeAgents: options.unsafeAgents,
    examine: (onProgress) => examine(options, onProgress),
    repair: (findings, onProgress) => repairFindings(options, findings, onProgress),
  };
}

/** A log is read once for its lines, and once for what they say together. */
const READINGS = 2;

async function examine(options: HealthOptions, onProgress: OnProgress): Promise<Examination> {
  const { layout, now, retentionDays } = options;
  let onRead = (_: number): void => {};
  const fileSystem = tellingReads(options.fileSystem, { onRead: (bytes) => onRead(bytes) });
  const findings = new Findings(fileSystem, layout);
  const tellHowFar = (log: string) => {
    const total = statusAt(options.fileSystem, log)?.size ?? 0;
    let read = 0;
    onRead = (bytes) => {
      read += bytes;
      onProgress(findings.name(log), Math.min(Math.floor(read / READINGS), total), total);
    };
  };
  try {
    const names = findings.names(layout.metrics);
    const agents = [...foldersByAgent(names).keys()].filter((agent) => {
      const folder = layout.agentFolder(agent);
      const stats = options.fileSystem.lstatSync(folder, { throwIfNoEntry: false });
      // A plain file beside the agents' folders is none of ours: it is mentioned with what else is unexpected.
      if (stats !== undefined && !stats.isDirectory() && !stats.isFile()) findings.unsafe(folder);
      return stats?.isDirectory();
    });
    findings.agents = agents.length;
    examineNames(findings, agents);
    examineUnexpected(findings, names);
    for (const agent of agents) {
      try {
        tellHowFar(layout.agent(agent).log);
        await examineAgent(findings, agent, { retentionDays, now: now() });
      } catch (error) {
        // A folder that may not be entered keeps no other from being looked at.
        findings.agent = agent;
        findings.unreadable(layout.agentFolder(agent), error);
      }
      findings.agent = undefined;
    }
    await examineOptimizer(findings);
    await examineLocks(findings);
    await examineMoving(findings);
  } catch (error) {
    findings.unreadable(layout.metrics, error);
  }
  return findings.report();
}

/** Looks at what optimizers have left: the report, the recommendations, and what became of them. */
async function examineOptimizer(findings: Findings): Promise<void> {
  const { optimizer } = findings.layout;
  const names = findings.names(optimizer.folder);
  if (names.length === 0) return;
  await examineSources(findings, optimizer, names);
  await examineUnfinished(findings, optimizer, names, "optimizer");
}
