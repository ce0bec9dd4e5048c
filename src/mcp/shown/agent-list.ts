import * as z from "zod";
import { coverageSchema } from "../../domain/coverage/coverage.ts";
import { evidenceFiguresSchema } from "../../domain/evidence/evidence-figures.ts";
import type { AgentOrder, AgentSummary, Kaizen } from "../../kaizen/kaizen.ts";
import { unreadFigures, unreadSentence } from "../../messages/unread.ts";
import { fittingCount, MAX_OUTPUT_BYTES } from "./output-size.ts";
import { comparedStats, shownStats, shownTimestamp } from "./shown-stats.ts";

const SHOWN_UNREAD = 10;
/** A name and a message of each, in the characters that take most. */
const UNREAD_BYTES = 20_000;

const agentSchema = z.object({
  agent: z.string(),
  execution_count: z.int(),
  success_rate: z.number(),
  avg_quality_score: z.number(),
  quality_reported: z.int(),
  last_execution: z.string().nullable(),
  ...comparedStats,
  contradictions: z.int(),
  damaged_lines: z.number(),
  coverage: coverageSchema.optional(),
  evidence: evidenceFiguresSchema
    .pick({ runs: true, seen: true, cost_usd: true, estimated_rate: true, worth_a_look_total: true })
    .optional(),
});

/** Every agent with its figures: what the tool `list_agents` and the resource `kaizen://agents` give. */
export const agentListSchema = z.looseObject({ agents: z.array(agentSchema), total: z.int() });

/** What comes beside them if there is something to tell; every session would pay for its names in the list of tools. */
const unreadSchema = z.object({
  unread: z.array(z.object({ agent: z.string(), code: z.string(), message: z.string() })),
  unread_total: z.int(),
});

export type AgentList = z.infer<typeof agentListSchema>;

export async function agentList(kaizen: Kaizen, order?: AgentOrder): Promise<AgentList> {
  const { agents: read, unread } = await kaizen.readAgents({ order });
  const agents = read.map(listedAgent);
  const shown = agents.slice(0, fittingCount(agents, MAX_OUTPUT_BYTES - (unread.length > 0 ? UNREAD_BYTES : 0)));
  const list = { agents: shown, total: agents.length };
  if (unread.length === 0) return list;
  const figures = { unread: unreadFigures(unread.slice(0, SHOWN_UNREAD)), unread_total: unread.length };
  return { ...list, ...unreadSchema.parse(figures) };
}

/** Of which agents nothing could be read, in a sentence; `undefined` if there are none. */
export function unreadIn(list: AgentList): string | undefined {
  const { data } = unreadSchema.safeParse(list);
  if (data === undefined) return undefined;
  const names = data.unread.map(({ agent }) => agent);
  return unreadSentence(names, data.unread_total);
}

function listedAgent({
  coverage,
  evidence,
  summary,
  stats,
  contradictions,
}: AgentSummary): AgentList["agents"][number] {
  return agentSchema.parse({
    ...summary,
    ...shownStats(stats),
    quality_reported: stats.quality.reported,
    last_execution: shownTimestamp(summary.last_execution),
    contradictions,
    ...(coverage === undefined ? {} : { coverage }),
    ...(evidence === undefined ? {} : { evidence }),
  });
}
