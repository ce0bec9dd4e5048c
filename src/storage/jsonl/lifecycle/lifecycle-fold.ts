import { join } from "node:path";
import * as z from "zod";
import { adr004Files } from "../../../adr004/catalogue.ts";
import { decodeLifecycleEvent, NO_LIFECYCLE_EVENT } from "../../../adr004/lifecycle-line.ts";
import {
  addLifecycleEvent,
  emptyLifecycleHistory,
  KEPT_SEEN_RUNS,
  type LifecycleHistory,
} from "../../../domain/coverage/observed-runs.ts";
import type { Fold } from "../projection/fold.ts";
import type { SnapshotFormat } from "../projection/snapshot.ts";

export const lifecycleFold: Fold<LifecycleHistory, ReturnType<typeof decodeLifecycleEvent>> = {
  empty: emptyLifecycleHistory,
  decode: decodeLifecycleEvent,
  damageIn: (event) => (event === undefined ? NO_LIFECYCLE_EVENT : undefined),
  add(history, event) {
    if (event !== undefined && event !== "blank") addLifecycleEvent(history, event);
  },
};

const count = z.int().min(0);
const day = z.object({ started: count, ended: count, reported: count, events: count });
const run = z.object({
  firstSeenAt: z.number(),
  ended: z.boolean(),
  reported: z.boolean(),
  assigned: z.record(z.string(), z.boolean()).optional(),
});

/** Every hook that starts reads what was added since: so the snapshot is made often. */
export function lifecycleSnapshot(indexFolder: string): SnapshotFormat<LifecycleHistory> {
  return {
    path: join(indexFolder, adr004Files.agent.journals.lifecycle.snapshot),
    version: 5,
    dueBytes: 64 * 1024,
    schema: z
      .object({
        days: z.array(z.tuple([z.int(), day])),
        recent: z.array(z.tuple([z.string(), run])).max(KEPT_SEEN_RUNS),
      })
      .transform(({ days, recent }) => ({ days: new Map(days), recent: new Map(recent) })),
    encode: ({ days, recent }) => ({ days: [...days], recent: [...recent] }),
  };
}
