import * as z from "zod";
import { type AgentName, foldAgentName } from "../../../domain/run/agent-name.ts";
import { type RetentionDays, retentionCutoff } from "../../../domain/run/retention.ts";
import { InFlightCalls } from "../../shared/in-flight.ts";
import type { DryRunOption, Moved, Moving } from "../../store.ts";
import type { Agents } from "../agents/agents.ts";
import { sortRuns } from "../runs/sorting.ts";
import type { Database, Query } from "../server/database.ts";
import { translateServerError } from "../server/errors.ts";
import { adviceFor, moveAdvice } from "./move-advice.ts";
import { type Move, moveRows, renameRows } from "./move-rows.ts";

const countSchema = z.object({ count: z.number() });

export interface PostgresMovingOptions {
  readonly database: Database;
  readonly agents: Agents;
  readonly project: string;
  readonly now: () => number;
  readonly retentionDays: RetentionDays;
}

const parts = ["runs", "checks", "lifecycle", "evidence", "voided", "folds"];

/** Moves all that is kept of an agent, in one transaction: a crash leaves nothing half done. */
export class PostgresMoving implements Moving {
  readonly #options: PostgresMovingOptions;
  readonly #calls = new InFlightCalls(translateServerError);

  constructor(options: PostgresMovingOptions) {
    this.#options = options;
  }

  move(from: AgentName, into: AgentName, { dryRun = false }: DryRunOption = {}): Promise<Moved> {
    return this.#calls.answer(`moving ${from}`, async () => {
      const fromId = await this.#options.agents.idOf(from);
      const isRenamed = foldAgentName(from) === foldAgentName(into);
      // Two spellings of one name are one row.
      const intoId = dryRun || isRenamed ? fromId : await this.#options.agents.claim(into);
      return this.#settle(from, fromId, dryRun, async (query, move) => {
        if (intoId === undefined || from === into) return;
        await query(
          `SELECT 1 FROM ${this.#table("agents")} WHERE agent_id = ANY($1::uuid[]) ORDER BY agent_id FOR UPDATE`,
          [[fromId, intoId]],
        );
        if (isRenamed) await renameRows(query, move, into);
        else {
          await moveRows(query, move, { into, intoId });
          await this.#empty(query, move.fromId);
          await sortRuns(
            query,
            this.#options.database,
            intoId,
            retentionCutoff(this.#options.retentionDays, this.#options.now()),
          );
        }
        await moveAdvice(query, move, into);
      });
    });
  }

  remove(agent: AgentName, { dryRun = false }: DryRunOption = {}): Promise<Moved> {
    return this.#calls.answer(`removing ${agent}`, async () =>
      this.#settle(agent, await this.#options.agents.idOf(agent), dryRun, async (query, move) => {
        await query(`SELECT 1 FROM ${this.#table("agents")} WHERE agent_id = $1 FOR UPDATE`, [move.fromId]);
        await this.#empty(query, move.fromId);
        await moveAdvice(query, move, undefined);
      }),
    );
  }

  close(): Promise<void> {
    return this.#calls.close();
  }

  #settle(
    from: AgentName,
    fromId: string | undefined,
    dryRun: boolean,
    work: (query: Query, move: Move) => Promise<void>,
  ): Promise<Moved> {
    const { database } = this.#options;
    const move: Move = { ...this.#options, from, fromId: fromId ?? "00000000-0000-0000-0000-000000000000" };
    let counted: Moved | undefined;
    return database.settle(({ query, transaction }) => {
      if (dryRun) return this.#counted(query, move);
      return transaction(async (inside) => {
        // After a connection was lost nothing may be left to count.
        const moved = await this.#counted(inside, move);
        counted = counted === undefined || moved.runs > 0 ? moved : counted;
        if (fromId !== undefined || counted.advice > 0) await work(inside, move);
        return counted;
      });
    }, "long");
  }

  async #counted(query: Query, move: Move): Promise<Moved> {
    const [row] = await query(`SELECT count(*) AS count FROM ${this.#table("runs")} WHERE agent_id = $1`, [
      move.fromId,
    ]);
    return { runs: countSchema.parse(row).count, advice: (await adviceFor(query, move)).ids.size };
  }

  /** The row of the agent stays, with its counters: processes that know its id see that nothing is left. */
  async #empty(query: Query, agentId: string): Promise<void> {
    for (const part of parts) await query(`DELETE FROM ${this.#table(part)} WHERE agent_id = $1`, [agentId]);
    await query(
      `UPDATE ${this.#table("agents")} SET has_runs = false, has_lifecycle = false, has_evidence = false, epoch = epoch + 1,
orders = orders + 1, lifecycle_epoch = lifecycle_epoch + 1, evidence_epoch = evidence_epoch + 1 WHERE agent_id = $1`,
      [agentId],
    );
  }

  #table(name: string): string {
    return this.#options.database.table(name);
  }
}
