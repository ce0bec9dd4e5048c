import type { Execution } from "../domain/run/execution.ts";
import { KaizenError } from "../errors.ts";

/** What every store refuses, in the same words. */

export function nearCollision(agent: string, known: string): KaizenError {
  return new KaizenError("INVALID_AGENT", `The agent "${agent}" differs only in case or spelling from "${known}".`, {
    hint: `Report as "${known}", or choose a name of its own.`,
  });
}

function usedKey(agent: string, first: Execution): KaizenError {
  return new KaizenError(
    "KEY_CONFLICT",
    `${agent} used this idempotency key for the run ${first.id}, with other content.`,
    {
      hint: "Repeat the same report to get its receipt, or use a new key for a new run.",
    },
  );
}

/** Refuses a run that shares its key or its id with another run: an imported run is known by its id as well. */
export function usedIdentity(agent: string, first: Execution, run: Execution): KaizenError {
  if (run.key !== undefined && run.key === first.key) return usedKey(agent, first);
  return new KaizenError("KEY_CONFLICT", `${agent} has the run ${first.id}, with other content.`, {
    hint: "Two runs cannot share an id: find out which of the two files was changed.",
  });
}

export function unreadableRun(): KaizenError {
  return new KaizenError("INVALID_ARGUMENT", "A run needs `success`, true or false.");
}

export function unknownRun(agent: string, id: string): KaizenError {
  return new KaizenError("NOT_FOUND", `${agent} has no run ${JSON.stringify(id.slice(0, 80))}, or it has expired.`, {
    hint: "Take the id from the receipt of the run, or from the list of runs.",
  });
}

/** Refuses a word on one of several runs that share an id, since they say exactly the same. */
export function oneOfSeveral(agent: string, id: string): KaizenError {
  return new KaizenError("INVALID_ARGUMENT", `${agent} has more than one run ${id}: they say exactly the same.`, {
    hint: "Nothing tells one from the other, so that none of them can be verified or voided.",
  });
}

export function notVoided(agent: string, id: string): KaizenError {
  const which = JSON.stringify(id.slice(0, 80));
  return new KaizenError("NOT_FOUND", `${agent} has no voided run ${which}, or it has expired.`, {
    hint: "Take the id from the answer of the void that is to be undone.",
  });
}

/** Refuses to put a run back whose key another run has by now. */
export function keyTaken(id: string, { id: other }: Execution): KaizenError {
  return new KaizenError("KEY_CONFLICT", `The idempotency key of ${id} is that of the run ${other} by now.`, {
    hint: `Void ${other} first, or leave ${id} voided.`,
  });
}
