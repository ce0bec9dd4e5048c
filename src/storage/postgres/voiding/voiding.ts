import type { AgentName } from "../../../domain/run/agent-name.ts";
import { type RetentionDays, retentionCutoff } from "../../../domain/run/retention.ts";
import { notVoided, unknownRun } from "../../refusals.ts";
import { InFlightCalls } from "../../shared/in-flight.ts";
import { voidedRun } from "../../shared/voided-run.ts";
import type { DryRunOption, NewVoiding, VoidedRun, Voiding } from "../../store.ts";
import type { Agents } from "../agents/agents.ts";
import type { Database, Query } from "../server/database.ts";
import { translateServerError } from "../server/errors.ts";
import { putBack } from "./putting-back.ts";
import { type FoundToVoid, findToVoid, readVoided, type VoidedRow } from "./voided-rows.ts";

export interface PostgresVoidingOptions {
  readonly database: Database;
  readonly agents: Agents;
  readonly now: () => number;
  readonly retentionDays: RetentionDays;
}

/** The voided runs of every agent: each is taken out of its table, and all that is known of it with it, in one transaction. */
export class PostgresVoiding implements Voiding {
  readonly #options: PostgresVoidingOptions;
  readonly #calls = new InFlightCalls(translateServerError);

  constructor(options: PostgresVoidingOptions) {
    this.#options = options;
  }

  voidRun(agent: AgentName, voiding: NewVoiding, { dryRun = false }: DryRunOption = {}): Promise<VoidedRun> {
    return this.#calls.answer(`voiding a run of ${agent}`, async () => {
      const { agents, database } = this.#options;
      const agentId = await agents.idOf(agent);
      if (agentId === undefined) throw unknownRun(agent, voiding.id);
      const whose = { database, agent, agentId };
      return database.settle(async ({ isAmbiguous, query, transaction }) => {
        if (dryRun) return voidedRun(agent, (await findToVoid(query, whose, voiding, this.#cutoff)).entry);
        const kept = isAmbiguous ? await this.#voidedBefore(query, agent, agentId, voiding) : undefined;
        return kept ?? transaction((inside) => this.#void(inside, whose, voiding));
      });
    });
  }

  undo(agent: AgentName, id: string, { dryRun = false }: DryRunOption = {}): Promise<VoidedRun> {
    return this.#calls.answer(`putting back a run of ${agent}`, async () => {
      const { agents, database } = this.#options;
      const agentId = await agents.idOf(agent);
      if (agentId === undefined) throw notVoided(agent, id);
      const whose = { database, agent, agentId };
      let sent: VoidedRun | undefined;
      return database.settle(({ isAmbiguous, transaction }) =>
        transaction(async (query) => {
          await this.#lock(query, agentId);
          const [row] = await readVoided(query, whose, this.#cutoff, id);
          // The try before has put it back.
          if (row === undefined && isAmbiguous && sent !== undefined) return sent;
          if (row === undefined) throw notVoided(agent, id);
          sent = voidedRun(agent, row.entry);
          await putBack(query, whose, row, { cutoff: this.#cutoff, dryRun });
          return sent;
        }),
      );
    });
  }

  voidedRuns(agent: AgentName): Promise<readonly VoidedRun[]> {
    return this.#calls.answer(`reading the voided runs of ${agent}`, async () => {
      const { agents, database } = this.#options;
      const agentId = await agents.idOf(agent);
      if (agentId === undefined) return [];
      const rows = await database.settle(({ query }) => readVoided(query, { database, agent, agentId }, this.#cutoff));
      return rows.map(({ entry }: VoidedRow) => voidedRun(agent, entry));
    });
  }

  close(): Promise<void> {
    return this.#calls.close();
  }

  async #voidedBefore(
    query: Query,
    agent: AgentName,
    agentId: string,
    { id, timestamp }: NewVoiding,
  ): Promise<VoidedRun | undefined> {
    const [row] = await readVoided(query, { database: this.#options.database, agent, agentId }, this.#cutoff, id);
    return row?.line.voided_at === timestamp ? voidedRun(agent, row.entry) : undefined;
  }

  async #void(
    query: Query,
    whose: { readonly database: Database; readonly agent: AgentName; readonly agentId: string },
    voiding: NewVoiding,
  ): Promise<VoidedRun> {
    const { agent, agentId } = whose;
    await this.#lock(query, agentId);
    const found = await findToVoid(query, whose, voiding, this.#cutoff);
    await this.#move(query, agentId, voiding.id, found);
    return voidedRun(agent, found.entry);
  }

  async #move(
    query: Query,
    agentId: string,
    id: string,
    { entry, keyHash, record, words }: FoundToVoid,
  ): Promise<void> {
    const t = (name: string) => this.#options.database.table(name);
    await query(`DELETE FROM ${t("voided")} WHERE agent_id = $1 AND id = $2`, [agentId, id]);
    await query(
      `INSERT INTO ${t("voided")} (agent_id, id, seq, orders, run_at, words, record)
SELECT agent_id, $2, last_void + 1, orders, $3, $4, $5 FROM ${t("agents")} WHERE agent_id = $1`,
      [agentId, id, entry.execution.at ?? null, JSON.stringify(words), record],
    );
    await query(`DELETE FROM ${t("runs")} WHERE agent_id = $1 AND id = $2 AND id_turn = 0`, [agentId, id]);
    await query(`DELETE FROM ${t("checks")} WHERE agent_id = $1 AND execution_id = $2`, [agentId, id]);
    const [{ evidence, lifecycle }] = entry.lines;
    for (const name of ["lifecycle", "evidence"])
      await query(`DELETE FROM ${t(name)} WHERE agent_id = $1 AND (key_hash = $2 OR execution_id = $3)`, [
        agentId,
        keyHash,
        id,
      ]);
    // An earlier run that had lost its key, or its id, to this one is the last to have it again.
    for (const [column, turn, value] of [
      ["key_hash", "key_turn", keyHash],
      ["id", "id_turn", id],
    ])
      await query(
        `UPDATE ${t("runs")} SET ${turn} = 0 WHERE agent_id = $1 AND ${column} = $2
AND seq = (SELECT max(seq) FROM ${t("runs")} WHERE agent_id = $1 AND ${column} = $2)`,
        [agentId, value],
      );
    await query(
      `UPDATE ${t("agents")} SET epoch = epoch + 1, last_void = last_void + 1, runs_at = now(),
lifecycle_epoch = lifecycle_epoch + $2::bigint, evidence_epoch = evidence_epoch + $3::bigint WHERE agent_id = $1`,
      [agentId, lifecycle === undefined ? 0 : 1, evidence === undefined ? 0 : 1],
    );
  }

  async #lock(query: Query, agentId: string): Promise<void> {
    await query(`SELECT 1 FROM ${this.#options.database.table("agents")} WHERE agent_id = $1 FOR UPDATE`, [agentId]);
  }

  get #cutoff(): number {
    return retentionCutoff(this.#options.retentionDays, this.#options.now());
  }
}
