import { realpathSync } from "node:fs";
import type { Catalogue } from "../../adr004/catalogue.ts";
import type { RetentionDays } from "../../domain/run/retention.ts";
import type { Hurry } from "../hurry.ts";
import type { OnNotice } from "../notice.ts";
import { evidenceEvents } from "../shared/run-events/evidence-events.ts";
import { lifecycleEvents } from "../shared/run-events/lifecycle-events.ts";
import { observing } from "../shared/run-events/observing.ts";
import type { Store } from "../store.ts";
import { AgentFolders } from "./agent-folders.ts";
import { jsonlHealth } from "./doctor/health.ts";
import { JsonlRuns } from "./executions.ts";
import { type FileSystem, nodeFileSystem, tellingReads } from "./files/file-system.ts";
import { Layout } from "./files/layout.ts";
import { DEFAULT_LOCK_TIMEOUT_MS, Locks } from "./lock/lock.ts";
import { JsonlMoving } from "./moved-agents.ts";
import { JsonlAdvice } from "./optimizer.ts";
import type { SnapshotKey } from "./projection/sealed-file.ts";
import { JsonlRunEvents } from "./run-event-stores.ts";
import { JsonlVoiding } from "./voided-runs.ts";

export interface JsonlStoreOptions {
  /** The project's folder, which has to be there; the store lives in `.kaizen/metrics` below it. */
  readonly projectRoot: string;
  readonly retentionDays: RetentionDays;
  /** The current instant in ms since 1970. */
  readonly now: () => number;
  /** Told in a sentence about work that takes long, and about derived files that could not be written. */
  readonly onNotice: OnNotice;
  readonly hurry?: Hurry | undefined;
  readonly fileSystem?: FileSystem;
  /** Which files there are. */
  readonly catalogue?: Catalogue;
  readonly lockTimeoutMs?: number;
  /** Without one, snapshots are sealed with a checksum only. */
  readonly snapshotKey?: SnapshotKey;
  /** Called before the first write of this process, once the store's own folder is there. */
  readonly onFirstWrite?: () => void;
}

/** This engine has every capability. */
export interface JsonlStore extends Omit<Required<Store>, "network" | "receiving"> {
  readonly runs: JsonlRuns;
}

/** Opens the store in the ADR-004 format. Opening creates nothing: the first write does. */
export function createJsonlStore(options: JsonlStoreOptions): JsonlStore {
  const { hurry } = options;
  const given = options.fileSystem ?? nodeFileSystem;
  const fileSystem = hurry === undefined ? given : tellingReads(given, hurry);
  const layout = new Layout(fileSystem, realpathSync(options.projectRoot), options.catalogue);
  const { lockTimeoutMs: timeoutMs = DEFAULT_LOCK_TIMEOUT_MS, onFirstWrite } = options;
  const locks = new Locks({ fileSystem, layout, timeoutMs, onFirstUse: onFirstWrite });
  const folders = new AgentFolders(fileSystem, layout, locks);
  const agents = { ...options, fileSystem, layout, locks, folders };
  const runs = new JsonlRuns(agents);
  const voiding = new JsonlVoiding(agents);
  const moving = new JsonlMoving(agents);
  return {
    runs,
    lifecycle: observing(new JsonlRunEvents(lifecycleEvents, agents)),
    evidence: new JsonlRunEvents(evidenceEvents, agents),
    advice: new JsonlAdvice(agents),
    retention: {
      async prune(agent, how) {
        const pruned = await runs.prune(agent, how);
        await voiding.prune(agent);
        return pruned;
      },
    },
    ordering: runs,
    voiding,
    moving,
    files: jsonlHealth({
      ...agents,
      unsafeAgents: () => runs.unsafeAgents(),
      finishMoving: () => moving.finish(),
      repairLog: (agent, onBytes) => runs.repair(agent, onBytes),
    }),
  };
}

/** Makes the folder of the locks, and before it the list with which git ignores it. */
export function prepareJsonlStore(projectRoot: string): void {
  const layout = new Layout(nodeFileSystem, realpathSync(projectRoot));
  layout.makeFolder(layout.locks);
}
