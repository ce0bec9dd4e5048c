import { join } from "node:path";
import type { AgentName } from "../../../domain/run/agent-name.ts";
import type { KaizenError } from "../../../errors.ts";
import type { Examination, Finding, OnProgress, StoreFiles } from "../../health.ts";
import { foldersByAgent } from "../files/agent-spelling.ts";
import { countingReads } from "./counting-reads.ts";
import { examineAgent, examineNames } from "./examine-agent.ts";
import { examineOptimizer } from "./examine-optimizer.ts";
import { examineUnexpected } from "./examine-unexpected.ts";
import { Findings } from "./findings.ts";
import { examineLocks } from "./locks-in-use.ts";
import { type RepairOptions, repairFindings } from "./repair.ts";

/** The store's files from outside. */
export class JsonlHealth implements StoreFiles {
  readonly #options: RepairOptions;

  constructor(options: RepairOptions) {
    this.#options = options;
  }

  unsafeAgents(): Promise<AgentName[]> {
    return this.#options.runs.unsafeAgents();
  }

  async examine(onProgress: OnProgress): Promise<Examination> {
    const { layout, now, retentionDays } = this.#options;
    const reads = countingReads(this.#options.fileSystem);
    const findings = new Findings(reads.fileSystem, layout);
    try {
      const names = findings.names(layout.metrics);
      const agents = [...foldersByAgent(names).keys()];
      const folders = agents.filter((agent) => {
        const { folder } = layout.agent(agent);
        const stats = this.#options.fileSystem.lstatSync(folder, { throwIfNoEntry: false });
        // A plain file beside the agents' folders is none of ours: it is mentioned with the other strangers.
        if (stats !== undefined && !stats.isDirectory() && !stats.isFile()) findings.unsafe(folder);
        return stats?.isDirectory();
      });
      findings.agents = folders.length;
      examineNames(findings, folders);
      examineUnexpected(findings, names);
      for (const agent of folders) {
        try {
          const { log } = layout.agent(agent);
          reads.begin((done, total) => onProgress(findings.name(log), done, total), log);
          await examineAgent(findings, agent, { retentionDays, now: now() });
        } catch (error) {
          // A folder that may not be entered: the others are looked at all the same.
          findings.agent = agent;
          findings.unreadable(layout.agentFolder(agent), error);
        }
        findings.agent = undefined;
      }
      await examineOptimizer(findings);
      await examineLocks(findings);
    } catch (error) {
      findings.unreadable(join(layout.metrics), error);
    }
    return findings.report();
  }

  repair(findings: readonly Finding[], onProgress: OnProgress): Promise<KaizenError[]> {
    return repairFindings(this.#options, findings, onProgress);
  }
}
