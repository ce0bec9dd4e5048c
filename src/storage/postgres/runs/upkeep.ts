import * as z from "zod";
import { hasExpired, type RetentionDays } from "../../../domain/run/retention.ts";
import { firstLiveDay } from "../../../domain/run/runs-by-key.ts";
import { DAY_MS } from "../../../domain/run/time.ts";
import { addVerification, type VerifiedRun } from "../../../domain/verification/verification.ts";
import { isWorthPruning } from "../../shared/pruning.ts";
import type { Pruned } from "../../store.ts";
import { supportedCutoffIn } from "../agents/supported-cutoff.ts";
import type { FoldedRuns } from "../run-view/fold.ts";
import { keptColumns, keptVerificationSchema, readVerification } from "../run-view/kept-verification.ts";
import { type Gone, withoutExpired } from "../run-view/without-expired.ts";
import type { Database, Query } from "../server/database.ts";
import type { AgentRuns } from "./agent-runs.ts";
import { misplacedRuns, sortRuns } from "./sorting.ts";

const countSchema = z.object({ count: z.number() });
const runSchema = z.array(
  z.object({ success: z.boolean(), quality: z.number().nullable(), time_s: z.number().nullable() }),
);
const checkSchema = z.array(keptVerificationSchema);

/** Of so few runs those that have expired leave as soon as a whole day of them has. */
const FEW_RUNS = 1_000;

/** Whether runs should be taken out of what was folded, as of a cutoff (ms): whole days, so that others seldom read anew. */
export function isPruningDue({ history: { days, total } }: FoldedRuns, cutoff: number): boolean {
  let expiredRuns = 0;
  for (const { latestAt, runs } of days.values()) if (hasExpired(latestAt, cutoff)) expiredRuns += runs;
  return isWorthPruning({ expiredRuns, liveRuns: total.runs - expiredRuns }, total.runs <= FEW_RUNS);
}

/** What takes runs out of one agent's tables, or puts them in another order: no other writer is at them meanwhile. */
export class Upkeep {
  readonly #database: Database;
  readonly #agentId: string;
  readonly #runs: AgentRuns;

  constructor(database: Database, agentId: string, runs: AgentRuns) {
    this.#database = database;
    this.#agentId = agentId;
    this.#runs = runs;
  }

  /**
   * Takes out what had expired at a cutoff (ms), with all that is known of it. It is taken out of what was folded, too,
   * which is saved with it: so no process reads the history again for it.
   */
  async prune(cutoff: number): Promise<Pruned> {
    const pruned = await this.#prune(async () => cutoff);
    return { removed: pruned?.removed ?? 0, kept: pruned?.kept ?? 0 };
  }

  /** Takes out what has expired, if it is worth it as far as the clock is believed. Gives whether anything left. */
  async pruneIfSupported(clock: { readonly now: number; readonly retentionDays: RetentionDays }): Promise<boolean> {
    const pruned = await this.#prune(async (query, folded) => {
      const witnesses = { table: "runs", column: "at", agentId: this.#agentId };
      const cutoff = await supportedCutoffIn(query, this.#database, witnesses, clock);
      return isPruningDue(folded, cutoff) ? cutoff : undefined;
    });
    return pruned !== undefined;
  }

  /** Does nothing if there is no cutoff (ms) for what is there. */
  #prune(cutoffFor: (query: Query, folded: FoldedRuns) => Promise<number | undefined>): Promise<Pruned | undefined> {
    return this.#runs.inTurn((known) =>
      this.#database.settle(async ({ transaction }) => {
        const pruned = await transaction(async (query) => {
          await this.#lock(query);
          const before = await known.readOn(query);
          const cutoff = await cutoffFor(query, before);
          if (cutoff === undefined) return undefined;
          const gone = await this.#goneWithin(query, cutoff);
          await this.#dropEvents(query, cutoff);
          await this.#dropped(query, "voided", "run_at", cutoff);
          const removed = await this.#dropped(query, "runs", "at", cutoff);
          const checks = await this.#dropped(query, "checks", "run_at", cutoff);
          if (removed + checks === 0) return { removed, after: before };
          await query(`UPDATE ${this.#table("agents")} SET epoch = epoch + 1 WHERE agent_id = $1`, [this.#agentId]);
          const after = withoutExpired(before, cutoff, gone);
          if (after !== undefined) await known.save({ write: query }, after);
          return { removed, after };
        });
        if (pruned === undefined) return undefined;
        if (pruned.after === undefined) known.forget();
        else known.adopt(pruned.after);
        const kept = pruned.after ?? (await known.catchUp());
        return { removed: pruned.removed, kept: kept.history.total.runs };
      }, "long"),
    );
  }

  /** Puts the runs in the order of time. */
  sortByTime(cutoff: number): Promise<boolean> {
    const [database, agentId] = [this.#database, this.#agentId];
    return this.#runs.inTurn(async (known) => {
      // Nearly every log is in order, and no writer need wait for that to be seen.
      const misplaced = await database.settle(({ query }) => misplacedRuns(query, database, agentId, cutoff), "long");
      if (misplaced.length === 0) return false;
      const hasMoved = await database.settle(
        async ({ isAmbiguous, transaction }) =>
          (await transaction((query) => sortRuns(query, database, agentId, cutoff))) || isAmbiguous,
        "long",
      );
      if (hasMoved) known.forget();
      return hasMoved;
    });
  }

  /** What has expired of the one day that the cutoff cuts through. */
  async #goneWithin(query: Query, cutoff: number): Promise<Gone> {
    if (!Number.isFinite(cutoff)) return { runs: [], checked: [], verifications: 0 };
    const span = [this.#agentId, Math.floor(cutoff / DAY_MS) * DAY_MS, cutoff];
    const runs = await query(
      `SELECT success, quality, time_s FROM ${this.#table("runs")} WHERE agent_id = $1 AND at >= $2 AND at < $3`,
      span,
    );
    const checks = checkSchema.parse(
      await query(
        `SELECT ${keptColumns(this.#table("checks"))} FROM ${this.#table("checks")} c WHERE c.agent_id = $1 AND c.run_at >= $2 AND c.run_at < $3 ORDER BY c.nth`,
        span,
      ),
    );
    const checked = new Map<string, VerifiedRun>();
    for (const check of checks) {
      const read = readVerification(check);
      if (read !== undefined) checked.set(read.execution_id, addVerification(undefined, read));
    }
    return {
      runs: runSchema.parse(runs).map(({ quality, success, time_s }) => ({
        success,
        quality: quality ?? undefined,
        timeS: time_s ?? undefined,
      })),
      checked: [...checked.values()],
      verifications: checks.length,
    };
  }

  /** Events leave with the whole day on which their run was first seen; of what was folded that day counts no more. */
  async #dropEvents(query: Query, cutoff: number): Promise<void> {
    if (!Number.isFinite(cutoff)) return;
    const day = firstLiveDay(cutoff);
    for (const name of ["lifecycle", "evidence"]) await this.#dropped(query, name, "first_seen", day);
  }

  async #dropped(query: Query, name: string, column: string, cutoff: number): Promise<number> {
    const [row] = await query(
      `WITH gone AS (DELETE FROM ${this.#table(name)} WHERE agent_id = $1 AND ${column} < $2 RETURNING 1) SELECT count(*) AS count FROM gone`,
      [this.#agentId, cutoff],
    );
    return countSchema.parse(row).count;
  }

  #lock(query: Query): Promise<readonly object[]> {
    return query(`SELECT 1 FROM ${this.#table("agents")} WHERE agent_id = $1 FOR UPDATE`, [this.#agentId]);
  }

  #table(name: string): string {
    return this.#database.table(name);
  }
}
