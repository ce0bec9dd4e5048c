import * as z from "zod";

/**
 * How much of an agent's work its figures cover. Hooks of the client see runs whether or not they are reported. A run
 * without a report is no success and no failure, and in none of the other figures.
 */
export const coverageSchema = z
  .object({
    started: z.number().describe("Runs that hooks saw begin or end; days older than the retention left out"),
    ended: z.number().describe("Those that they saw end: a run may be under way, or have been killed"),
    reported: z.number().describe("Those known to have been reported"),
    verified: z.number().describe("Runs on record with an independent check"),
  })
  .describe("How much of the agent's work the figures cover");

export type Coverage = z.infer<typeof coverageSchema>;

/** "hooks saw 40 runs start, 33 of them were reported"; with those that were not seen to end. */
export function coverageEvidence({ started, ended, reported }: Coverage): string {
  if (started === 1)
    return `hooks saw 1 run start, it was ${reported === 1 ? "" : "not "}reported${openPart(1 - ended)}`;
  const covered =
    reported === 0
      ? "none of them was"
      : reported >= started
        ? "all of them were"
        : `${reported} of them ${wasOrWere(reported)}`;
  return `hooks saw ${started} runs start, ${covered} reported${openPart(started - ended)}`;
}

function openPart(open: number): string {
  return open <= 0 ? "" : `; ${open} ${wasOrWere(open)} not seen to end`;
}

function wasOrWere(count: number): string {
  return count === 1 ? "was" : "were";
}
