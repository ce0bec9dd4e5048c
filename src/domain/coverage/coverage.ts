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

/** "40 runs seen, 33 reported"; with those of which no hook saw the end. */
export function coverageEvidence({ started, ended, reported }: Coverage): string {
  const open = started - ended;
  const seen = `${started} ${started === 1 ? "run" : "runs"} seen, ${Math.min(reported, started)} reported`;
  return open <= 0 ? seen : `${seen}; ${open} still running or killed`;
}
