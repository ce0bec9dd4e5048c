import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import type { VerifiedTally } from "../../../domain/history/verified-history.ts";
import type { ServerOptions } from "../server/admin.ts";
import { Database } from "../server/database.ts";
import { translateServerError } from "../server/errors.ts";
import { KnownRuns } from "./reading-on.ts";

/** What the kept figures of an agent say, and its rows. */
export interface FoldCheck {
  readonly agent: string;
  readonly isSame: boolean;
  readonly figures: Counts;
  readonly log: Counts;
}

interface Counts {
  readonly runs: number;
  readonly successes: number;
  readonly scores: number;
  /** Of the runs that were verified. */
  readonly verified: VerifiedTally;
}

const agentSchema = z.array(z.object({ agent_id: z.string(), agent: z.string() }));
const countSchema = z.object({ runs: z.number(), successes: z.number(), scores: z.number() });

/** Compares the figures of each agent with its rows, which the server counts by itself; verifications are folded anew. `onAgent` hears how many are done. */
export async function checkFolds(
  { address, passwordSource: password, project }: ServerOptions,
  onAgent: (done: number, all: number) => void,
): Promise<FoldCheck[]> {
  const database = new Database({ address, applicationName: "kaizen-metrics", password });
  try {
    const agents = agentSchema.parse(
      await database.read(
        `SELECT agent_id, agent FROM ${database.table("agents")} WHERE project = $1 AND has_runs ORDER BY folded`,
        [project],
      ),
    );
    const checks: FoldCheck[] = [];
    for (const one of agents) {
      onAgent(checks.length, agents.length);
      checks.push(await checked(database, one));
    }
    return checks;
  } catch (error) {
    throw translateServerError(error, "comparing the figures with the rows");
  } finally {
    database.close();
  }
}

async function checked(
  database: Database,
  { agent, agent_id: agentId }: z.infer<typeof agentSchema>[number],
): Promise<FoldCheck> {
  const known = new KnownRuns({ database, agentId, agent, onNotice: () => {} });
  const runs = database.table("runs");
  for (let tries = 1; ; tries += 1) {
    const { figures, log, unreadable } = await database.settle(async ({ query }) => {
      const folded = await known.readOn(query);
      const [row] = await query(
        `SELECT count(*) AS runs, count(*) FILTER (WHERE success) AS successes, count(quality) AS scores FROM ${runs} WHERE agent_id = $1 AND seq <= $2`,
        [agentId, folded.seq],
      );
      const log = { ...countSchema.parse(row), verified: await known.verifiedByRows(query) };
      const { history, verified } = folded;
      const { quality, runs: count, successes } = history.total;
      const figures = { runs: count, successes, scores: quality.count, verified: verified.total };
      return { figures, log, unreadable: folded.unreadable };
    }, "long");
    // A row that is no run counts as unreadable, with verifications that are none.
    const isSame = figures.successes <= log.successes && Math.abs(log.runs - figures.runs) <= unreadable;
    // What was verified is folded from rows both times, also from those that are no verification.
    const isExact = isDeepStrictEqual(unreadable > 0 ? figures.verified : figures, unreadable > 0 ? log.verified : log);
    if ((isSame && isExact) || tries >= 3) return { agent, isSame: isSame && isExact, figures, log };
    // Rows may have been taken out in between.
    known.forget();
  }
}
