import type { Database } from "../server/database.ts";

/** Whose lines come, and how. */
export interface Reception {
  readonly database: Database;
  /** `undefined`: nothing of the agent is there yet, and nothing is to be kept. */
  readonly agentId: string | undefined;
  readonly isDryRun: boolean;
  readonly isUnproven: boolean;
}
