import type { Execution } from "../../domain/run/execution.ts";
import type { Verification } from "../../domain/verification/verification.ts";
import type { Page, PageRequest } from "../../storage/store.ts";
import type { Kaizen } from "../kaizen.ts";

/** How long a search may go on; without any of it, to the end. */
export interface SearchBounds {
  /** Ends when about so many runs were looked at. */
  readonly budget?: number | undefined;
  /** Ends with what was found until then. */
  readonly signal?: AbortSignal | undefined;
  /** Told how many more runs were looked at. */
  readonly onSearched?: ((runs: number) => void) | undefined;
}

/** If it ended early there are fewer runs than asked for, and a cursor that goes on. */
export interface FoundPage extends Page {
  /** How many runs were looked at. */
  readonly searched: number;
}

/** So often a long search says how far it is, and can be ended. */
const STEP_RUNS = 5_000;

/** The runs of an agent that pass the filter, newest first: as many as asked for, as far as the bounds allow. */
export async function searchRuns(
  kaizen: Pick<Kaizen, "executions">,
  agent: string,
  request: Omit<PageRequest, "budget" | "signal">,
  { budget = Number.POSITIVE_INFINITY, onSearched, signal }: SearchBounds,
): Promise<FoundPage> {
  const executions: Execution[] = [];
  const verifications = new Map<string, readonly Verification[]>();
  let searched = 0;
  let { cursor } = request;
  do {
    const page = await kaizen.executions(agent, {
      ...request,
      cursor,
      limit: request.limit - executions.length,
      budget: Math.min(STEP_RUNS, budget - searched),
    });
    executions.push(...page.executions);
    for (const [id, said] of page.verifications) verifications.set(id, said);
    const looked = page.searched ?? page.executions.length;
    searched += looked;
    onSearched?.(looked);
    cursor = page.nextCursor;
  } while (cursor !== undefined && executions.length < request.limit && searched < budget && !signal?.aborted);
  return { executions, verifications, nextCursor: cursor, searched };
}
