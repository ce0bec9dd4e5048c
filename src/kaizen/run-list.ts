import type { Execution } from "../domain/run/execution.ts";
import type { ExecutionFilter } from "../domain/run/filter.ts";
import { foldVerifications, outcomeOf, type Verification } from "../domain/verification/verification.ts";
import type { FoundRun } from "../storage/store.ts";
import { isOfWholeStore, type UnreadAgent } from "./agent-lists.ts";
import { findRun, READ_AT_ONCE } from "./find-run.ts";
import type { Kaizen, Page } from "./kaizen.ts";

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
}

/** An agent's runs, newest first. Outcomes that count are not in the log: runs are read until enough are found. */
export async function runsOf(kaizen: Kaizen, agent: string, request: RunRequest): Promise<RunList> {
  const { success, ...filter } = request.filter;
  const limit = success === undefined ? request.limit : READ_AT_ONCE;
  const runs: CountedRun[] = [];
  for (let { cursor } = request; ; ) {
    const page = await kaizen.executions(agent, { filter, limit, cursor });
    for (const [index, run] of countedRuns(agent, page).entries()) {
      if (success !== undefined && run.success !== success) continue;
      runs.push(run);
      if (runs.length < request.limit) continue;
      // A cursor stands behind the last run of its page, and this one may stand before that.
      const isLast = index === page.executions.length - 1;
      const upToHere = isLast ? page : await kaizen.executions(agent, { filter, limit: index + 1, cursor });
      return { runs, nextCursor: upToHere.nextCursor };
    }
    if (page.nextCursor === undefined) return { runs, nextCursor: undefined };
    cursor = page.nextCursor;
  }
}

export interface AllRuns {
  readonly runs: readonly CountedRun[];
  readonly isMore: boolean;
  readonly unread: readonly UnreadAgent[];
}

/** The runs of all agents, newest first. Of each agent no more than `limit` are held. */
export async function runsOfAll(kaizen: Kaizen, request: Omit<RunRequest, "cursor">): Promise<AllRuns> {
  const unread: UnreadAgent[] = [];
  let runs: readonly CountedRun[] = [];
  let isMore = false;
  for (const agent of new Set([...(await kaizen.agentNames()), ...(await kaizen.unsafeAgents())])) {
    try {
      const found = await runsOf(kaizen, agent, request);
      const all = [...runs, ...found.runs].sort((a, b) => timeOf(b) - timeOf(a));
      isMore ||= found.nextCursor !== undefined || all.length > request.limit;
      runs = all.slice(0, request.limit);
    } catch (error) {
      if (isOfWholeStore(error)) throw error;
      unread.push({ agent, error });
    }
  }
  return { runs, isMore, unread };
}

/** The live run of an id, whatever agent's it is; `undefined` if there is none. */
export async function runById(kaizen: Kaizen, id: string): Promise<CountedRun | undefined> {
  const agent = await kaizen.verifying.agentOf(id);
  if (agent === undefined) return undefined;
  const found = await findRun((request) => kaizen.executions(agent, request), id);
  return found === undefined ? undefined : countedRun(agent, found);
}

function countedRuns(agent: string, { executions, verifications }: Page): CountedRun[] {
  return executions.map((execution) => {
    const said = (execution.id === undefined ? undefined : verifications.get(execution.id)) ?? [];
    return countedRun(agent, { execution, verifications: said });
  });
}

function countedRun(agent: string, { execution, verifications }: FoundRun): CountedRun {
  const [run] = foldVerifications(verifications).values();
  return { agent, execution, verifications, success: run === undefined ? execution.success : outcomeOf(run) };
}

function timeOf({ execution }: CountedRun): number {
  return execution.at ?? Number.NEGATIVE_INFINITY;
}
