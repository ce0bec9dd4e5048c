import * as z from "zod";
import { isDated, readInstant } from "../run/time.ts";

/**
 * What a client's hook saw of a run, that it began or that it ended; or that a run which hooks saw is on record now. It
 * says nothing of how the run went, so it is no run itself, and stands apart from the log of runs.
 */
export const sightingSchema = z.object({
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
  /** Whether whoever saw it knew of a report of the run. Left out: not yet. */
  reported: z.literal(true).optional(),
});

export type Sighting = z.infer<typeof sightingSchema>;

/** A sighting as it is to be kept; when the run was first seen is added by the store. */
export type NewSighting = Omit<Sighting, "agent" | "first_seen">;

/** What is known of a run that hooks saw. Nothing of it is ever taken back. */
export interface SeenRun {
  /** The instant (ms) of the first sighting. */
  readonly firstSeenAt: number;
  readonly ended: boolean;
  readonly reported: boolean;
}

/** What is known of a run once a further sighting of it has come. */
export function withSighting(known: SeenRun | undefined, sighting: NewSighting & { first_seen?: string }): SeenRun {
  return {
    firstSeenAt: known?.firstSeenAt ?? readInstant(sighting.first_seen ?? sighting.timestamp) ?? 0,
    ended: known?.ended === true || sighting.event === "ended",
    reported: known?.reported === true || sighting.reported === true || sighting.event === "reported",
  };
}

/** Whether two say the same of a run. */
export function isSameRun(a: SeenRun | undefined, b: SeenRun): boolean {
  return a !== undefined && a.ended === b.ended && a.reported === b.reported;
}
