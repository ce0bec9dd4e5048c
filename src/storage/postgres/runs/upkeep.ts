import * as z from "zod";
import { hasExpired } from "../../../domain/run/retention.ts";
import { DAY_MS } from "../../../domain/run/time.ts";
import { addVerification, type VerifiedRun } from "../../../domain/verification/verification.ts";
import type { Pruned } from "../../store.ts";
import { type Database, LONG_LIMIT_MS, type Query } from "../server/database.ts";
import type { AgentRuns } from "./agent-runs.ts";
import { readVerification } from "./fold.ts";
import { type Gone, withoutExpired } from "./without-expired.ts";

const countSchema = z.object({ count: z.number() });
const lastSchema = z.object({ last_seq: z.number() });
const placeSchema = z.array(z.object({ seq: z.number(), at: z.number().nullable() }));
const runSchema = z.array(
  z.object({ success: z.boolean(), quality: z.number().nullable(), time_s: z.number().nullable() }),
);
const checkSchema = z.array(z.object({ by_ci: z.boolean(), by_person: z.boolean(), record: z.string() }));

const ROWS = 10_000;

/** What takes runs out of one agent's tables, or puts them in another order: nobody else writes to them meanwhile. */
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
  prune(cutoff: number): Promise<Pruned> {
    return this.#runs.inTurn((known) =>
      this.#database.settle(async ({ transaction }) => {
        const pruned = await transaction(async (query) => {
          await this.#lock(query);
          const before = await known.readOn(query);
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
        if (pruned.after === undefined) known.forget();
        else known.adopt(pruned.after);
        const kept = pruned.after ?? (await known.catchUp());
        return { removed: pruned.removed, kept: kept.history.total.runs };
      }, LONG_LIMIT_MS),
    );
  }

  /** Puts the runs in the order of time, if they are not: those from the first on that stands wrong get new numbers. */
  sortByTime(cutoff: number): Promise<boolean> {
    return this.#runs.inTurn(async (known) => {
      // Nearly every log is in order, and no writer need wait for that to be seen.
      const isSorted = await this.#database.settle(
        async ({ query }) => (await this.#misplaced(query, cutoff)).length === 0,
        LONG_LIMIT_MS,
      );
      if (isSorted) return false;
      const hasMoved = await this.#database.settle(
        ({ transaction }) => transaction((query) => this.#sort(query, cutoff)),
        LONG_LIMIT_MS,
      );
      if (hasMoved) known.forget();
      return hasMoved;
    });
  }

  async #sort(query: Query, cutoff: number): Promise<boolean> {
    const { last_seq } = lastSchema.parse((await this.#lock(query))[0]);
    const moved = await this.#misplaced(query, cutoff);
    for (let from = 0; from < moved.length; from += ROWS) {
      const part = moved.slice(from, from + ROWS);
      await query(
        `UPDATE ${this.#table("runs")} AS r SET seq = n.now FROM unnest($2::bigint[], $3::bigint[]) AS n(before, now) WHERE r.agent_id = $1 AND r.seq = n.before`,
        [this.#agentId, part, part.map((_, index) => last_seq + from + index + 1)],
      );
    }
    await query(
      `UPDATE ${this.#table("agents")} SET last_seq = $2, orders = orders + 1, epoch = epoch + 1 WHERE agent_id = $1`,
      [this.#agentId, last_seq + moved.length],
    );
    return moved.length > 0;
  }

  /** The numbers of the runs from the first on that stands wrong, in the order of time. One that has expired, or says no time, stays behind the one before it. */
  async #misplaced(query: Query, cutoff: number): Promise<number[]> {
    const runs: { readonly seq: number; readonly at: number }[] = [];
    let before = Number.NEGATIVE_INFINITY;
    let isSorted = true;
    for (let after: number | undefined = 0; after !== undefined; ) {
      const rows: z.infer<typeof placeSchema> = placeSchema.parse(
        await query(
          `SELECT seq, at FROM ${this.#table("runs")} WHERE agent_id = $1 AND seq > $2 ORDER BY seq LIMIT ${ROWS}`,
          [this.#agentId, after],
        ),
      );
      for (const { at, seq } of rows) {
        const time = at === null || hasExpired(at, cutoff) ? before : at;
        if (time < before) isSorted = false;
        runs.push({ seq, at: time });
        before = time;
      }
      after = rows.length < ROWS ? undefined : rows.at(-1)?.seq;
    }
    if (isSorted) return [];
    // Before every time there is nothing, so that two such are told apart by no difference.
    const sorted = runs.toSorted((a, b) => (a.at === b.at ? 0 : a.at - b.at));
    const first = sorted.findIndex((run, index) => run !== runs[index]);
    return first < 0 ? [] : sorted.slice(first).map(({ seq }) => seq);
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
        `SELECT by_ci, by_person, record FROM ${this.#table("checks")} WHERE agent_id = $1 AND run_at >= $2 AND run_at < $3 ORDER BY nth`,
        span,
      ),
    );
    const checked = new Map<string, VerifiedRun>();
    for (const { by_ci, by_person, record } of checks) {
      const read = readVerification({ byCi: by_ci, byPerson: by_person, record });
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
    const day = Math.floor((cutoff + 1) / DAY_MS) * DAY_MS;
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
    return query(`SELECT last_seq FROM ${this.#table("agents")} WHERE agent_id = $1 FOR UPDATE`, [this.#agentId]);
  }

  #table(name: string): string {
    return this.#database.table(name);
  }
}
