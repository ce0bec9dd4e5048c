import * as z from "zod";
import { decodeLifecycleEvent, encodeLifecycleEvent, NO_LIFECYCLE_EVENT } from "../../../adr004/lifecycle-line.ts";
import type { NewLifecycleEvent, ObservedRun } from "../../../domain/coverage/lifecycle-event.ts";
import {
  lifecycleRules,
  type ObservedDay,
  type ObservedRuns,
  viewObservedRuns,
} from "../../../domain/coverage/observed-runs.ts";
import type { RunEventKind } from "./run-event-kind.ts";

const countSchema = z.int().min(0);

/** What hooks saw of runs. */
export const lifecycleEvents: RunEventKind<NewLifecycleEvent, ObservedRun, ObservedDay, ObservedRuns> = {
  journal: "lifecycle",
  doing: { noting: "noting what a hook saw", reading: "reading what hooks saw of" },
  damage: NO_LIFECYCLE_EVENT,
  decode: decodeLifecycleEvent,
  encode: encodeLifecycleEvent,
  rules: lifecycleRules,
  view: viewObservedRuns,
  snapshot: {
    version: 6,
    // Every hook that starts reads what was added since: so the snapshot is made often.
    dueBytes: 64 * 1024,
    day: () => z.object({ started: countSchema, ended: countSchema, reported: countSchema, events: countSchema }),
    run: () =>
      z.object({
        firstSeenAt: z.number(),
        ended: z.boolean(),
        reported: z.boolean(),
        assigned: z.record(z.string(), z.boolean()).optional(),
      }),
    encodeRun: (run) => run,
  },
};
