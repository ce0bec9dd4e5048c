import { type AgentName, foldAgentName } from "../../src/domain/run/agent-name.ts";
import type { DryRunOption, Moved, Moving } from "../../src/storage/store.ts";
import type { MemoryAdvice } from "./memory-advice.ts";
import type { MemoryEvidence } from "./memory-evidence.ts";
import type { MemoryLifecycle } from "./memory-lifecycle.ts";
import type { MemoryRuns } from "./memory-runs.ts";
import type { MemoryVoiding } from "./memory-voiding.ts";

interface Parts {
  readonly runs: MemoryRuns;
  readonly lifecycle: MemoryLifecycle;
  readonly evidence: MemoryEvidence;
  readonly voiding: MemoryVoiding;
  readonly advice: MemoryAdvice;
}

/** Gives everything of an agent to another one, or to none. */
export class MemoryMoving implements Moving {
  readonly #parts: Parts;
  readonly #claimed: Set<AgentName>;

  constructor(parts: Parts, claimed: Set<AgentName>) {
    this.#parts = parts;
    this.#claimed = claimed;
  }

  async move(from: AgentName, into: AgentName, { dryRun = false }: DryRunOption = {}): Promise<Moved> {
    return this.#give(from, into, dryRun);
  }

  async remove(agent: AgentName, { dryRun = false }: DryRunOption = {}): Promise<Moved> {
    return this.#give(agent, undefined, dryRun);
  }

  async close(): Promise<void> {}

  #give(from: AgentName, into: AgentName | undefined, dryRun: boolean): Moved {
    const { advice, evidence, lifecycle, runs, voiding } = this.#parts;
    const moved = { runs: runs.linesOf(from), advice: advice.countOf(from) };
    if (dryRun || from === into || !this.#claimed.has(from)) return moved;
    this.#claimed.delete(from);
    if (into !== undefined && ![...this.#claimed].some((known) => foldAgentName(known) === foldAgentName(into)))
      this.#claimed.add(into);
    for (const part of [runs, lifecycle, evidence, voiding, advice]) part.give(from, into);
    return moved;
  }
}
