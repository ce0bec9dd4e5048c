import * as z from "zod";
import { firstSeenIn } from "../run/runs-by-key.ts";
import { isDated, readInstant } from "../run/time.ts";

/**
 * What a client's hook saw of a run, that it began or that it ended; or that a run which hooks saw is on record now. It
 * says nothing of how the run went, so it is no run itself, and stands apart from the log of runs.
 */
export const lifecycleEventSchema = z.object({
  agent: z.string(),
  /** Names the run: the client's own id of it, and the idempotency key under which the run is to be reported. */
  key: z.string().min(1).max(256),
  event: z.enum(["started", "ended", "reported"]),
  /** When it was seen. */
  timestamp: z.string(),
  /** When anything of this run was seen first: copied, so that each line says to which day its run belongs. */
  first_seen: z.string().refine((text) => isDated(readInstant(text) ?? Number.NaN)),
  /** What the client calls the agent, where that is another name. */
  agent_type: z.string().optional(),
  /** How long the run took, by the client's own record of it. */
  duration_s: z.number().min(0).optional(),
  /** What the coin said before the run began: by trial, whether the run is shown what is on trial. */
  assigned: z.record(z.string(), z.boolean()).optional(),
  /** Whether the writer of the event knew of a report of the run. Left out: not yet. */
  reported: z.literal(true).optional(),
});

export type LifecycleEvent = z.infer<typeof lifecycleEventSchema>;

/** A lifecycle event as it is to be kept; when the run was first seen is added by the store. */
export type NewLifecycleEvent = Omit<LifecycleEvent, "agent" | "first_seen">;

/** What is known of a run that hooks saw. Nothing of it is ever taken back. */
export interface ObservedRun {
  /** The instant (ms) of the first lifecycle event. */
  readonly firstSeenAt: number;
  readonly ended: boolean;
  readonly reported: boolean;
  /** By trial, whether the run was shown what is on trial. The first word counts. */
  readonly assigned?: Readonly<Record<string, boolean>> | undefined;
}

/** What is known of a run once a further lifecycle event of it has come. */
export function withLifecycleEvent(known: ObservedRun | undefined, event: NewLifecycleEvent & { first_seen?: string }): ObservedRun {
  const assigned = event.assigned === undefined ? known?.assigned : { ...event.assigned, ...known?.assigned };
  return {
    firstSeenAt: known?.firstSeenAt ?? firstSeenIn(event),
    ended: known?.ended === true || event.event === "ended",
    reported: known?.reported === true || event.reported === true || event.event === "reported",
    ...(assigned === undefined ? {} : { assigned }),
  };
}

/** Whether two say the same of a run. */
export function isSameRun(a: ObservedRun | undefined, b: ObservedRun): boolean {
  return (
    a !== undefined &&
    a.ended === b.ended &&
    a.reported === b.reported &&
    Object.keys(a.assigned ?? {}).length === Object.keys(b.assigned ?? {}).length
  );
}
