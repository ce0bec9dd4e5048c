import { foldRecommendations, type Moment, type Recommendation } from "../../domain/coaching/recommendation.ts";
import { existingAgentNameSchema } from "../../domain/run/agent-name.ts";
import { KaizenError } from "../../errors.ts";
import type { Advice, Overview, Store, VerifiedOverview } from "../../storage/store.ts";

export function standingIn({ entries, events }: Advice): Recommendation[] {
  return foldRecommendations(entries, events);
}

/** The point that an agent's history has come to. */
export function momentOf(overview: Overview | undefined, timestamp: string): Moment {
  const { tally, recent } = overview?.view ?? { tally: { runs: 0 }, recent: [] };
  return { timestamp, execution_count: tally.runs, after_execution: recent.at(-1)?.id ?? null };
}

/** The runs that a recommendation is about: none if another writer has put no agent's name, or one that leads astray. */
export async function overviewFor(
  store: Pick<Store, "runs">,
  { agent }: Pick<Recommendation, "agent">,
): Promise<VerifiedOverview | undefined> {
  const name = existingAgentNameSchema.safeParse(agent);
  if (!name.success) return undefined;
  try {
    return await store.runs.overview(name.data);
  } catch (error) {
    // Refused where the agent itself is asked for; here it hides no other agent's recommendations.
    if (error instanceof KaizenError && error.code === "UNSAFE_PATH") return undefined;
    throw error;
  }
}
