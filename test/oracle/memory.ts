import { type AgentName, foldAgentName } from "../../src/domain/run/agent-name.ts";
import type { RetentionDays } from "../../src/domain/run/retention.ts";
import { nearCollision } from "../../src/storage/refusals.ts";
import type { Store } from "../../src/storage/store.ts";
import { MemoryAdvice } from "./memory-advice.ts";
import { MemoryEvidence } from "./memory-evidence.ts";
import { MemoryLifecycle } from "./memory-lifecycle.ts";
import { MemoryMoving } from "./memory-moving.ts";
import { MemoryRuns } from "./memory-runs.ts";
import { MemoryVoiding } from "./memory-voiding.ts";

export interface MemoryStoreOptions {
  readonly now: () => number;
  readonly retentionDays: RetentionDays;
}

/** A store that forgets everything with its process: obviously correct, and the oracle that the others are held to. */
export interface MemoryStore extends Omit<Required<Store>, "files" | "network" | "receiving"> {
  readonly runs: MemoryRuns;
}

export function createMemoryStore(options: MemoryStoreOptions): MemoryStore {
  const claimed = new Set<AgentName>();
  const claim = (agent: AgentName) => {
    const collision = [...claimed].find((known) => known !== agent && foldAgentName(known) === foldAgentName(agent));
    if (collision !== undefined) throw nearCollision(agent, collision);
    claimed.add(agent);
  };
  const runs = new MemoryRuns({ ...options, claim });
  const lifecycle = new MemoryLifecycle({ ...options, claim });
  const evidence = new MemoryEvidence({ ...options, claim });
  const advice = new MemoryAdvice();
  const voiding = new MemoryVoiding(options, { runs, lifecycle, evidence });
  return {
    runs,
    lifecycle,
    evidence,
    advice,
    retention: runs,
    ordering: runs,
    voiding,
    moving: new MemoryMoving({ runs, lifecycle, evidence, voiding, advice }, claimed),
  };
}

/** The same without what an engine need not have. */
export function createBareStore(options: MemoryStoreOptions): Store {
  const { advice, evidence, lifecycle, runs } = createMemoryStore(options);
  return { advice, evidence, lifecycle, runs };
}
