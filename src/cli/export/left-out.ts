import { KaizenError } from "../../errors.ts";
import type { Kaizen } from "../../kaizen/kaizen.ts";

/** What the store keeps of these agents and lines of runs have no place for, in a sentence; `undefined` if that is nothing. */
export async function leftOutOf(kaizen: Kaizen, agents: readonly string[]): Promise<string | undefined> {
  const parts = [
    ...((await isThere(() => haveVerifications(kaizen, agents))) ? ["what verifications found of the runs"] : []),
    ...((await isThere(() => haveAdvice(kaizen, agents))) ? ["recommendations"] : []),
  ];
  if (parts.length === 0) return undefined;
  return `Left out: ${parts.join(", and ")}. They come along where the project's folder is imported, not a file of runs.`;
}

/** The runs are written by now: what cannot be read of the rest is there, and left out. */
async function isThere(look: () => Promise<boolean>): Promise<boolean> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof KaizenError) return true;
    throw error;
  }
}

async function haveVerifications(kaizen: Kaizen, agents: readonly string[]): Promise<boolean> {
  for (const agent of agents) {
    const { claimed_by, runs } = (await kaizen.summary(agent)).stats.verified;
    if (runs > 0 || claimed_by !== undefined) return true;
  }
  return false;
}

async function haveAdvice(kaizen: Kaizen, agents: readonly string[]): Promise<boolean> {
  return (await kaizen.advice()).entries.some(({ agent }) => agents.includes(agent));
}
