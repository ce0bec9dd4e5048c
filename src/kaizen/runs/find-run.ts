import type { Execution } from "../../domain/run/execution.ts";
import type { FoundRun, Page } from "../../storage/store.ts";

/** So many runs are read at a time. */
export const READ_AT_ONCE = 200;

/** The first run that is meant on an agent's pages, newest first, among `most` of them; `undefined` if none of those is. */
export async function findRun(
  readPage: (request: { filter: object; limit: number; cursor: string | undefined }) => Promise<Page>,
  isMeant: (execution: Execution) => boolean,
  most = Number.POSITIVE_INFINITY,
): Promise<FoundRun | undefined> {
  let cursor: string | undefined;
  for (let searched = 0; searched < most; searched += READ_AT_ONCE) {
    const page = await readPage({ filter: {}, limit: READ_AT_ONCE, cursor });
    const execution = page.executions.find(isMeant);
    if (execution !== undefined) {
      return { execution, verifications: page.verifications.get(execution.id ?? "") ?? [] };
    }
    if (page.nextCursor === undefined) return undefined;
    cursor = page.nextCursor;
  }
  return undefined;
}
