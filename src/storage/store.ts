import type { ExecutionStore } from "./execution-store.ts";
import type { StoreHealth } from "./health.ts";
import type { LifecycleStore } from "./lifecycle-store.ts";
import type { OptimizerStore } from "./optimizer-store.ts";

export type {
  Appended,
  DamagedLine,
  ExecutionStore,
  FoundRun,
  NewRun,
  NewVerification,
  OnBytes,
  Overview,
  Page,
  PageRequest,
  Preview,
  Pruned,
  Repaired,
  RunOrigin,
  ScannedRun,
  Verified,
  VerifiedOverview,
} from "./execution-store.ts";
export type { LifecycleOverview, LifecycleStore } from "./lifecycle-store.ts";
export type { Advice, ForeignTexts, OptimizerStore, ReadAdvice, RecommendationEntry } from "./optimizer-store.ts";

/** What a store keeps, each behind a port of its own. */
export interface Store {
  readonly executions: ExecutionStore;
  readonly optimizer: OptimizerStore;
  readonly lifecycle: LifecycleStore;
  readonly health: StoreHealth;
}
