import type { RetentionDays } from "../../domain/run/retention.ts";
import type { OnNotice } from "../notice.ts";
import { evidenceEvents } from "../shared/run-events/evidence-events.ts";
import { lifecycleEvents } from "../shared/run-events/lifecycle-events.ts";
import { observing } from "../shared/run-events/observing.ts";
import type { Store } from "../store.ts";
import { PostgresAdvice } from "./advice.ts";
import { Agents } from "./agents/agents.ts";
import { PostgresRunEvents } from "./events/run-events.ts";
import { PostgresMoving } from "./moving/moving.ts";
import { PostgresReceiving } from "./receiving/receiving.ts";
import { PostgresRuns } from "./runs/runs.ts";
import type { PasswordSource } from "./server/connection.ts";
import { Database } from "./server/database.ts";
import { type Address, displayStore } from "./server/url.ts";
import { PostgresVoiding } from "./voiding/voiding.ts";

export { checkFolds } from "./run-view/check-folds.ts";
export { listProjects, lookAtServer, upgradeServer, walkRecords } from "./server/admin.ts";
export { asOneCall } from "./server/limit.ts";

export interface PostgresStoreOptions {
  readonly address: Address;
  /** Under which the agents of this store are told apart from those of others in the same tables. */
  readonly project: string;
  readonly passwordSource: PasswordSource;
  readonly retentionDays: RetentionDays;
  /** The current instant in ms since 1970. */
  readonly now: () => number;
  readonly onNotice: OnNotice;
  /** How long a call may take, with every try of it; ten seconds if it is left out. */
  readonly limitMs?: number | undefined;
  /** What the server lists this program as. */
  readonly applicationName?: string;
}

/** Opens a team's store. It connects when something is asked for, and lets go of the connection when nothing more is. */
export function createPostgresStore(options: PostgresStoreOptions): Omit<Required<Store>, "files" | "network"> {
  const { address, applicationName = "kaizen-metrics", limitMs, passwordSource: password, project } = options;
  const database = new Database({ address, applicationName, password, limitMs });
  const agents = new Agents(database, project);
  const shared = { ...options, database, agents };
  // What is idle holds no process: so the last part that is closed closes the connections.
  const runs = new PostgresRuns({ ...shared, onClosed: () => database.close() });
  return {
    runs,
    lifecycle: observing(new PostgresRunEvents(lifecycleEvents, shared)),
    evidence: new PostgresRunEvents(evidenceEvents, shared),
    advice: new PostgresAdvice(database, project, displayStore(address, project)),
    retention: runs,
    ordering: runs,
    voiding: new PostgresVoiding(shared),
    moving: new PostgresMoving(shared),
    receiving: new PostgresReceiving(shared),
  };
}
