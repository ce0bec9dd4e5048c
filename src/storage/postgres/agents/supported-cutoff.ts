import * as z from "zod";
import { type RetentionDays, retentionCutoff } from "../../../domain/run/retention.ts";
import { supportedCutoff, WITNESSES } from "../../shared/pruning.ts";
import type { Database, Query } from "../server/database.ts";

const serverSchema = z.object({ now: z.number() });
const witnessSchema = z.array(z.object({ at: z.number() }));

/** Where the last rows of an agent say what time it is. */
interface Witnesses {
  readonly table: string;
  readonly column: string;
  readonly agentId: string;
}

/**
 * The instant (ms) up to which rows may be taken out for good: by the clock of this machine or of the server, whichever is
 * behind, and as far as the last rows agree. So one client whose clock is years ahead takes nothing from its team.
 */
export async function supportedCutoffIn(
  query: Query,
  database: Database,
  { agentId, column, table }: Witnesses,
  { now: here, retentionDays }: { readonly now: number; readonly retentionDays: RetentionDays },
): Promise<number> {
  const [server] = await query("SELECT extract(epoch FROM now())::double precision * 1000 AS now");
  const now = Math.min(here, serverSchema.parse(server).now);
  const rows = await query(
    `SELECT ${column} AS at FROM ${database.table(table)} WHERE agent_id = $1 AND ${column} IS NOT NULL ORDER BY seq DESC LIMIT ${WITNESSES}`,
    [agentId],
  );
  const witnesses = witnessSchema.parse(rows).map(({ at }) => at);
  return supportedCutoff(witnesses, { cutoff: retentionCutoff(retentionDays, now), now });
}
