import type { AgentName } from "../../domain/run/agent-name.ts";
import type { Execution } from "../../domain/run/execution.ts";
import type { ExecutionFilter } from "../../domain/run/filter.ts";
import { foldVerifications, outcomeOf, type Verification } from "../../domain/verification/verification.ts";
import type { FoundRun } from "../../storage/store.ts";
import type { UnreadAgent } from "../agents/agent-lists.ts";
import { isOfWholeStore } from "../base/among-latest.ts";
import { READ_AT_ONCE } from "../base/whole-store.ts";
import type { Kaizen, Page } from "../kaizen.ts";
import type { RunOfAgent } from "../verification/verify.ts";
import { type SearchBounds, searchRuns } from "./search.ts";

/** A run with the outcome that counts: what a verification found, else the run's own claim. */
export interface CountedRun {
  readonly agent: string;
  readonly execution: Execution;
  readonly verifications: readonly Verification[];
  readonly success: boolean;
}

export interface RunRequest {
  /** `success` picks by the outcome that counts. */
  readonly filter: ExecutionFilter;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface RunList {
  readonly runs: readonly CountedRun[];
  readonly nextCursor: string | undefined;
  /** How many runs were looked at. */
  readonly searched: number;
}

/** An agent's runs, newest first. Outcomes that count are not in the log: runs are read until enough are found. */
export async function runsOf(
  kaizen: Kaizen,
  agent: string,
  request: RunRequest,
  bounds: SearchBounds = {},
): Promise<RunList> {
  const { success, ...filter } = request.filter;
  const limit = success === undefined ? request.limit : READ_AT_ONCE;
  const { budget = Number.POSITIVE_INFINITY, signal } = bounds;
  const runs: CountedRun[] = [];
  let searched = 0;
  for (let { cursor } = request; ; ) {
    const page = await searchRuns(kaizen, agent, { filter, limit, cursor }, { ...bounds, budget: budget - searched });
    searched += page.searched;
    for (const [index, run] of countedRuns(agent, page).entries()) {
      if (success !== undefined && run.success !== success) continue;
      runs.push(run);
      if (runs.length < request.limit) continue;
      // A cursor stands behind the last run of its page, and this one may stand before that.
      const isLast = index === page.executions.length - 1;
      const upToHere = isLast ? page : await kaizen.executions(agent, { filter, limit: index + 1, cursor });
      return { runs, nextCursor: upToHere.nextCursor, searched };
    }
    cursor = page.nextCursor;
    if (cursor === undefined || searched >= budget || signal?.aborted) return { runs, nextCursor: cursor, searched };
  }
}

export interface AllRuns {
  readonly runs: readonly CountedRun[];
  readonly isMore: boolean;
  /** How many runs were looked at. */
  readonly searched: number;
  /** How many agents have further runs, and fewer were found of them than asked for. */
  readonly cutShort: number;
  readonly unread: readonly UnreadAgent[];
}

/** The runs of all agents, newest first. Of each agent no more than `limit` are held; a budget is shared by all. */
export async function runsOfAll(
  kaizen: Kaizen,
  request: Omit<RunRequest, "cursor">,
  { budget = Number.POSITIVE_INFINITY, ...bounds }: SearchBounds = {},
): Promise<AllRuns> {
  const unread: UnreadAgent[] = [];
  let runs: readonly CountedRun[] = [];
  let isMore = false;
  let searched = 0;
  let cutShort = 0;
  const agents = [...new Set([...(await kaizen.agentNames()), ...(await kaizen.unsafeAgents())])];
  for (const [index, agent] of agents.entries()) {
    // What one agent does not need is left for the others, and each is looked at.
    const share = Math.max(request.limit, Math.ceil((budget - searched) / (agents.length - index)));
    try {
      const found = await runsOf(kaizen, agent, request, { ...bounds, budget: share });
      searched += found.searched;
      const all = [...runs, ...found.runs].sort((a, b) => timeOf(b) - timeOf(a));
      if (found.nextCursor !== undefined && found.runs.length < request.limit) cutShort += 1;
      isMore ||= found.nextCursor !== undefined || all.length > request.limit;
      runs = all.slice(0, request.limit);
    } catch (error) {
      if (isOfWholeStore(error)) throw error;
      unread.push({ agent, error });
    }
  }
  return { runs, isMore, searched, cutShort, unread };
}

/** The live run of an id, of an agent or of any; `undefined` if there is none. */
export async function runById(
  kaizen: Kaizen,
  id: string,
  agent?: AgentName,
): Promise<(CountedRun & Pick<RunOfAgent, "isOneOfSeveral">) | undefined> {
  const found = await kaizen.verifying.findRun(id, { agent });
  return found && { ...countedRun(found.agent, found), isOneOfSeveral: found.isOneOfSeveral };
}

function countedRuns(agent: string, { executions, verifications }: Page): CountedRun[] {
  return executions.map((execution) => {
    return countedRun(agent, { execution, verifications: verifications.get(execution.id) ?? [] });
  });
}

function countedRun(agent: string, { execution, verifications }: FoundRun): CountedRun {
  const [run] = foldVerifications(verifications).values();
  return { agent, execution, verifications, success: run === undefined ? execution.success : outcomeOf(run) };
}

function timeOf({ execution }: CountedRun): number {
  return execution.at ?? Number.NEGATIVE_INFINITY;
}
