import type { AgentName } from "../../domain/run/agent-name.ts";
import { KaizenError } from "../../errors.ts";
import type { Network, OnDone, Pruned, Store } from "../../storage/store.ts";

// What is asked of every part of a store, or only of an engine that can.

/** So many runs are read at a time if only some of them are meant. */
export const READ_AT_ONCE = 200;

/** Files are looked at from outside: that may be done once a second. */
const here: Network = { asOneCall: (work) => work(), lookEveryMs: 1_000 };

export function networkOf({ network = here }: Store): Network {
  return network;
}

/** A text that differs once anything has changed that the answers about an agent, or without a name about any, are made of. */
export async function changeTokenOf(store: Store, agent: AgentName | undefined): Promise<string> {
  const { advice, evidence, lifecycle, runs } = store;
  return JSON.stringify([
    await runs.changeToken(agent),
    await lifecycle.changeToken(agent),
    await evidence.changeToken(agent),
    await advice.changeToken(),
  ]);
}

/** Takes an agent's expired runs out of a store that does not do so by itself. */
export async function pruneRuns({ retention }: Store, agent: AgentName, onProgress?: OnDone): Promise<Pruned> {
  if (retention !== undefined) return retention.prune(agent, { onProgress });
  throw new KaizenError("NOT_SUPPORTED", "This store takes expired runs out by itself.", {
    hint: "There is nothing to do: an expired run counts in no answer.",
  });
}

/** Waits for calls under way. Runs come last: with them the locks are given up. */
export async function closeStore({ evidence, lifecycle, moving, receiving, runs, voiding }: Store): Promise<void> {
  await moving?.close();
  await receiving?.close();
  await voiding?.close();
  await lifecycle.close();
  await evidence.close();
  await runs.close();
}
