import { type AgentName, foldAgentName } from "../../src/domain/run/agent-name.ts";
import type { RetentionDays } from "../../src/domain/run/retention.ts";
import { alwaysSound } from "../../src/storage/health.ts";
import { nearCollision } from "../../src/storage/refusals.ts";
import type { Store } from "../../src/storage/store.ts";
import { MemoryExecutions } from "./memory-executions.ts";
import { MemoryLifecycle } from "./memory-lifecycle.ts";
import { MemoryOptimizer } from "./memory-optimizer.ts";

export interface MemoryStoreOptions {
  readonly now: () => number;
  readonly retentionDays: RetentionDays;
}

/** A store that forgets everything with its process: obviously correct, and the oracle that the others are held to. */
export function createMemoryStore(options: MemoryStoreOptions): Store {
  const claimed = new Set<AgentName>();
  const claim = (agent: AgentName) => {
    const collision = [...claimed].find((known) => known !== agent && foldAgentName(known) === foldAgentName(agent));
    if (collision !== undefined) throw nearCollision(agent, collision);
    claimed.add(agent);
  };
  return {
    executions: new MemoryExecutions({ ...options, claim }),
    optimizer: new MemoryOptimizer(),
    lifecycle: new MemoryLifecycle({ ...options, claim }),
    health: alwaysSound,
  };
}
