import { type AgentName, agentNameSchema, foldAgentName } from "../../../domain/run/agent-name.ts";
import type { Findings } from "./findings.ts";

/** Looks for names that no caller can give, and for two that are one on a file system that ignores case or Unicode forms. */
export function examineNames(findings: Findings, agents: readonly AgentName[]): void {
  const first = new Map<string, AgentName>();
  for (const agent of agents) {
    examineName(findings, agent);
    const folded = foldAgentName(agent);
    const other = first.get(folded);
    first.set(folded, other ?? agent);
    if (other === undefined) continue;
    const { folder } = findings.layout.agent(agent);
    findings.add(folder, {
      kind: "damage",
      reason: `its name differs only in case or spelling from ${other}: on some file systems one would hide the other`,
      lost: false,
      advice: `Bring its runs to ${other} (kaizen-metrics import ${findings.name(folder)} --agent ${other}), then remove the folder.`,
    });
  }
}

/** Another writer may have used a name that we would not give, or that an earlier file system allowed. */
function examineName(findings: Findings, agent: AgentName): void {
  const problem = agentNameSchema.safeParse(agent).error?.issues[0]?.message;
  if (problem === undefined) return;
  const { folder } = findings.layout.agent(agent);
  findings.add(folder, {
    kind: "remark",
    reason: `no run can be recorded under its name (${problem}); the runs that are there count`,
    lost: false,
    advice: `Bring them to a name of their own (kaizen-metrics import ${findings.name(folder)} --agent NAME), then remove the folder.`,
  });
}
