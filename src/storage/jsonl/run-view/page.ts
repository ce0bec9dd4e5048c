import type { Page, PageRequest } from "../../store.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { type Snapshot, scanBackwards } from "./scan.ts";

/** The runs that a request picks, newest first, and where the next page goes on where there are more. */
export async function readPage(snapshot: Snapshot, request: PageRequest): Promise<Omit<Page, "verifications">> {
  const { found, searched, stoppedAt } = await scanBackwards(snapshot, request, decodeCursor(snapshot, request.cursor));
  const page = found.slice(0, request.limit);
  const last = found.length > page.length ? page.at(-1) : stoppedAt;
  return {
    executions: page.map((run) => run.execution),
    nextCursor: last === undefined ? undefined : encodeCursor(snapshot, last),
    ...(request.budget === undefined ? {} : { searched }),
  };
}
