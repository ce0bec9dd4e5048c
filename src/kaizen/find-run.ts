import type { FoundRun, Page } from "../storage/store.ts";

/** So many runs are read at a time. */
export const READ_AT_ONCE = 200;

/** The run of an id on an agent's pages, newest first, among `most` of them; `undefined` if none of those has it. */
export async function findRun(
  readPage: (request: { filter: object; limit: number; cursor: string | undefined }) => Promise<Page>,
  id: string,
  most = Number.POSITIVE_INFINITY,
): Promise<FoundRun | undefined> {
  let cursor: string | undefined;
  for (let searched = 0; searched < most; searched += READ_AT_ONCE) {
    const page = await readPage({ filter: {}, limit: READ_AT_ONCE, cursor });
    const execution = page.executions.find((run) => run.id === id);
    if (execution !== undefined) return { execution, verifications: page.verifications.get(id) ?? [] };
    if (page.nextCursor === undefined) return undefined;
    cursor = page.nextCursor;
  }
  return undefined;
}
