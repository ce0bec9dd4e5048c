import * as z from "zod";
import { type Execution, hasOwnId, identitiesOf, idIdentity } from "../../../domain/run/execution.ts";
import type { RetentionDays } from "../../../domain/run/retention.ts";
import { type Decision, decideBatch, type NewDecision } from "../../shared/batch.ts";
import type { NewRun } from "../../store.ts";
import { Known } from "../run-view/look-up.ts";
import type { Written } from "../run-view/reading-on.ts";
import { contentKey, given, keyHash, RUN_COLUMNS, type RunRow, readRecord, textOf } from "../run-view/run-row.ts";
import type { Attempt, Database, Query } from "../server/database.ts";

const turnSchema = z.object({ base: z.number(), epoch: z.number(), last_check: z.number() });

interface AgentOfRuns {
  readonly agent: string;
  readonly agentId: string;
  readonly retentionDays: RetentionDays;
}

/** What became of some runs, and where those stand that are new. */
export interface AppendedRuns {
  readonly decisions: readonly Decision[];
  readonly added: readonly Execution[];
  readonly written: Written | undefined;
}

/** Adds runs to an agent's log. */
export class Appender {
  readonly #database: Database;
  readonly #agent: AgentOfRuns;

  constructor(database: Database, agent: AgentOfRuns) {
    this.#database = database;
    this.#agent = agent;
  }

  /** What would become of runs that came now. */
  async preview(runs: readonly NewRun[]): Promise<readonly Decision[]> {
    const { agent } = this.#agent;
    return this.#database.settle(async ({ query }) => decideBatch(agent, runs, await this.#known(query, runs)));
  }

  /**
   * Reports are mostly new: so they are sent without a look, in one statement. If any of their keys is there, the unique
   * index refuses it whole, and they are looked up, decided about, and sent again. To look within the statement would take
   * the server two thirds as long again, for each. What is to be read after them is sent behind them, without waiting for
   * the answer.
   */
  append(runs: readonly NewRun[], readAfter?: (query: Query) => Promise<unknown>): Promise<AppendedRuns> {
    const { agent, retentionDays } = this.#agent;
    let isLookedUp = runs.some(({ origin }) => origin !== undefined);
    return this.#database.settle(async (attempt) => {
      const { isAmbiguous, query, write } = attempt;
      const known = isLookedUp || isAmbiguous ? await this.#known(query, runs) : new Known(retentionDays);
      isLookedUp = true;
      const decided = decideBatch(agent, runs, known);
      const decisions = isAmbiguous ? decided.map((decision, index) => asOurs(decision, runs[index])) : decided;
      const fresh = decisions.flatMap((decision) =>
        decision.kind === "new" && !isKept(decision, known) ? [decision] : [],
      );
      if (fresh.length === 0) return { decisions, added: [], written: undefined };
      if (takesTurns(fresh, known)) return this.#appendInTurns(attempt, runs);
      const rows = rowsOf(fresh, known);
      const writing = this.#write(write, rows);
      // If it fails the caller finds that it has read nothing, and nothing that was written is less true.
      const reading = readAfter?.(query).catch(() => {});
      const written = await writing.finally(() => reading);
      return { decisions, added: rows.map(({ execution }) => execution), written };
    });
  }

  /** The key, or the id, goes over to a run from one that had expired when it ended: no other writer may do so meanwhile. */
  #appendInTurns({ transaction }: Attempt, runs: readonly NewRun[]): Promise<AppendedRuns> {
    const { agent, agentId } = this.#agent;
    const t = this.#database.table("runs");
    return transaction(async (query) => {
      await query(`SELECT 1 FROM ${this.#database.table("agents")} WHERE agent_id = $1 FOR UPDATE`, [agentId]);
      const known = await this.#known(query, runs);
      const decisions = decideBatch(agent, runs, known);
      for (const part of withoutRepeats(decisions)) {
        const rows = rowsOf(part, known);
        await query(
          `UPDATE ${t} SET key_turn = seq WHERE agent_id = $1 AND key_hash = ANY($2::text[]) AND key_turn = 0`,
          [agentId, keysOf(rows)],
        );
        const ids = rows.flatMap(({ execution }) => (hasOwnId(execution) ? execution.id : []));
        await query(`UPDATE ${t} SET id_turn = seq WHERE agent_id = $1 AND id = ANY($2::text[]) AND id_turn = 0`, [
          agentId,
          ids,
        ]);
        await this.#write(query, rows);
      }
      return { decisions, added: [], written: undefined };
    });
  }

  #known(query: Query, runs: readonly NewRun[]): Promise<Known> {
    return new Known(this.#agent.retentionDays).read(query, this.#database, this.#agent.agentId, runs);
  }

  /**
   * One statement, which is one round trip and one commit. The row of the agent hands out the numbers, in the order of the
   * commits. A server plans it each time, which takes longer than doing it: so it says no more than these runs need.
   */
  async #write(query: Query, rows: readonly RunRow[]): Promise<Written> {
    const t = (name: string) => this.#database.table(name);
    const { from, ordinal, parameters, values } = given(rows, 2);
    const text = `WITH turn AS (UPDATE ${t("agents")} SET last_seq = last_seq + ${rows.length}, has_runs = true, runs_at = now()
WHERE agent_id = $1
RETURNING last_seq - ${rows.length} AS base, epoch, last_check),
entered AS (INSERT INTO ${t("runs")} (agent_id, seq, ${RUN_COLUMNS})
SELECT $1::uuid, turn.base + ${ordinal}, ${values} FROM ${["turn", ...from].join(", ")})
SELECT base, epoch, last_check FROM turn`;
    const [row] = await query(text, [this.#agent.agentId, ...parameters]);
    if (row === undefined) throw new Error("an agent that has runs has lost its row");
    const { last_check: lastCheck, ...turn } = turnSchema.parse(row);
    return { ...turn, lastCheck };
  }
}

function rowsOf(decisions: readonly NewDecision[], known: Known): RunRow[] {
  const copies = new Map<string, number>();
  return decisions.map((decision) => {
    const text = textOf(decision);
    const execution =
      decision.run.origin === undefined ? decision.execution : (readRecord(text)?.execution ?? decision.execution);
    if (identitiesOf(execution).length > 0) return { execution, text, copy: 0 };
    const content = contentKey(execution.record);
    const copy = (copies.get(content) ?? known.lastCopy(content)) + 1;
    copies.set(content, copy);
    return { execution, text, copy };
  });
}

function keysOf(rows: readonly RunRow[]): string[] {
  return rows.flatMap(({ execution: { key } }) => (key === undefined ? [] : keyHash(key)));
}

/** Whether any of these has the key, or the id, of another that counts, too. */
function takesTurns(fresh: readonly NewDecision[], known: Known): boolean {
  return (
    withoutRepeats(fresh).length > 1 ||
    fresh.some(({ execution }) => identitiesOf(execution).some((identity) => known.kept(identity)))
  );
}

/** The new runs, cut where one has the key or the id of one before it. */
function withoutRepeats(decisions: readonly Decision[]): NewDecision[][] {
  const parts: NewDecision[][] = [];
  let seen = new Set<string>();
  for (const decision of decisions) {
    if (decision.kind !== "new") continue;
    const identities = identitiesOf(decision.execution);
    if (parts.length === 0 || identities.some((identity) => seen.has(identity))) {
      parts.push([]);
      seen = new Set();
    }
    parts.at(-1)?.push(decision);
    for (const identity of identities) seen.add(identity);
  }
  return parts;
}

/** After a connection was lost: a report that is answered with itself was kept by the try before. */
function asOurs(decision: Decision, run: NewRun | undefined): Decision {
  if (decision.kind !== "duplicate" || run === undefined || run.origin !== undefined) return decision;
  const { execution } = decision;
  return execution.id === run.record.id ? { kind: "new", execution, run } : decision;
}

/** Whether the try before has kept it. */
function isKept(decision: NewDecision, known: Known): boolean {
  const { execution } = decision;
  const kept = hasOwnId(execution) ? known.kept(idIdentity(execution.id)) : undefined;
  return kept !== undefined && kept.record === textOf(decision);
}
