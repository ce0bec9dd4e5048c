import type { AgentName } from "../../domain/run/agent-name.ts";
import { type ErrorCode, KaizenError } from "../../errors.ts";
import type { ListedAgent } from "../../storage/store.ts";

/** A server that does not answer is waited for each time: a list of agents must not wait for each of them. */
const ofWholeStore: ReadonlySet<ErrorCode> = new Set(["CLOSED", "NOT_SUPPORTED", "STORE_UNREACHABLE", "STORE_VERSION"]);

/** Whether a call would have failed for any agent: then there is nothing to go on with. */
export function isOfWholeStore(error: unknown): boolean {
  return error instanceof KaizenError && ofWholeStore.has(error.code);
}

/** A hook has little time, and a run that ends has begun not long ago. */
const SEARCHED_AGENTS = 200;

/**
 * What is found of each agent, those first of which something was kept last, and so many agents at most. What is wrong with
 * one agent's file hides nothing of another. `since` leaves out agents of which nothing was kept since an instant (ms).
 */
export async function* amongLatest<T>(
  listed: readonly ListedAgent[],
  find: (agent: AgentName) => Promise<T | undefined>,
  since = Number.NEGATIVE_INFINITY,
): AsyncGenerator<{ readonly agent: AgentName; readonly found: T }> {
  const latestFirst = listed
    .filter(({ lastChange = since }) => lastChange >= since)
    .sort(({ lastChange: a = 0 }, { lastChange: b = 0 }) => b - a);
  for (const { name: agent } of latestFirst.slice(0, SEARCHED_AGENTS)) {
    try {
      const found = await find(agent);
      if (found !== undefined) yield { agent, found };
    } catch (error) {
      if (isOfWholeStore(error)) throw error;
    }
  }
}
