import type { ExecutionStore } from "./execution-store.ts";
import type { StoreHealth } from "./health.ts";
import type { OptimizerStore } from "./optimizer-store.ts";
import type { SightingStore } from "./sighting-store.ts";

export type {
  Appended,
  CheckedOverview,
  DamagedLine,
  ExecutionStore,
  NewCheck,
  NewRun,
  OnBytes,
  Overview,
  Page,
  PageRequest,
  Preview,
  Pruned,
  Repaired,
  RunOrigin,
  Verified,
  WalkedRun,
} from "./execution-store.ts";
export type { Advice, ForeignTexts, OptimizerStore, ReadAdvice, RecommendationEntry } from "./optimizer-store.ts";
export type { SightingOverview, SightingStore } from "./sighting-store.ts";

/** What a store keeps, each behind a port of its own. */
export interface Store {
  readonly executions: ExecutionStore;
  readonly optimizer: OptimizerStore;
  readonly sightings: SightingStore;
  readonly health: StoreHealth;
}
