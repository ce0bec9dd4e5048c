import type { AgentRow, OverviewModel } from "../../domain/dashboard/view-model.ts";

/** What the results of `list_agents` and `get_summary` have in common, as far as it is there. */
interface Figures {
  readonly success?: {
    rate: number | null;
    interval: [number, number];
    verdict: AgentRow["verdict"];
    evidence: string;
  };
  readonly verified?: AgentRow["verified"];
}

interface AgentFigures extends Figures {
  readonly agent?: string;
  readonly execution_count?: number;
  readonly last_execution?: string | null;
  readonly coverage?: NonNullable<AgentRow["coverage"]>;
  /** Of a summary only, whose figures lie in it. */
  readonly stats?: Figures;
}

export interface ToolResult {
  readonly structuredContent?: AgentFigures & { readonly agents?: readonly AgentFigures[]; readonly total?: number };
}

/** What can be painted at once from the result of `list_agents` or `get_summary`; `undefined` if it is neither. */
export function overviewOf({ structuredContent: content }: ToolResult): OverviewModel | undefined {
  const items = content?.agents ?? (content?.stats && [content]);
  if (items === undefined) return undefined;
  const agents = items.flatMap((item) => rowOf(item, item.stats ?? item));
  const count = content?.total ?? agents.length;
  return {
    kind: "overview",
    version: 1,
    project: "",
    generated_at: new Date().toISOString(),
    health: [],
    under_way: [],
    headline: "How the agents do",
    agent_count: count,
    run_count: agents.reduce((sum, { runs }) => sum + runs, 0),
    worth_a_look: [],
    agents,
    advice: [],
    failures: [],
    compared_with: null,
    comparison: [],
  };
}

function rowOf(item: AgentFigures, { success, verified }: Figures): AgentRow[] {
  const { agent, coverage = null, execution_count: runs, last_execution: last_at = null } = item;
  if (agent === undefined || runs === undefined || success === undefined) return [];
  const { evidence, interval, rate, verdict } = success;
  const successes = Math.round((rate ?? 0) * runs);
  const none = { runs: 0, rate: null, claimed_rate: null, gap: null };
  return [
    {
      name: agent,
      runs,
      successes,
      rate,
      low: interval[0],
      high: interval[1],
      verdict,
      evidence,
      since: { runs: 0, successes: 0 },
      before: null,
      last_at,
      strip: "",
      verified: verified ?? none,
      coverage,
      median_time_s: null,
      cost: null,
      under_way: 0,
    },
  ];
}
