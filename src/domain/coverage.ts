import * as z from "zod";

/**
 * How much of an agent's work its figures cover. Hooks of the client see runs whether or not they are reported; a run
 * that nobody reported is no success and no failure, and in none of the other figures.
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
  const seen = `hooks saw ${started} ${started === 1 ? "run" : "runs"} start, ${reportedPart(started, reported)}`;
  const open = started - ended;
  return open <= 0 ? seen : `${seen}; ${open} ${open === 1 ? "was" : "were"} not seen to end`;
}

function reportedPart(started: number, reported: number): string {
  if (started === 1) return reported === 1 ? "it was reported" : "it was not reported";
  if (reported === 0) return "none of them was reported";
  if (reported === started) return "all of them were reported";
  return `${reported} of them ${reported === 1 ? "was" : "were"} reported`;
}
