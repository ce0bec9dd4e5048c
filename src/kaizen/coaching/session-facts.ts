import { isRunning } from "../../domain/coaching/recommendation.ts";
import type { AgentLists, SessionFacts } from "../agents/agent-lists.ts";
import type { Recommendations } from "./recommendations.ts";

/** What a conversation that begins is told of: some agents of all that there are, and the advice to decide about. */
export async function sessionFacts(
  lists: AgentLists,
  recommendations: Recommendations,
  agents: number,
): Promise<SessionFacts> {
  const undecided = (await recommendations.readable())?.filter(
    ({ status, trial }) => status === "proposed" && !isRunning(trial),
  );
  const advised = new Set(undecided?.map(({ agent }) => agent.normalize("NFC")));
  return { ...(await lists.latest(agents, advised)), undecided };
}
