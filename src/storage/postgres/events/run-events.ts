import * as z from "zod";
import type { AgentName } from "../../../domain/run/agent-name.ts";
import { type RetentionDays, retentionCutoff } from "../../../domain/run/retention.ts";
import {
  addRunEvent,
  type DayOfRuns,
  firstLiveDay,
  isExpiredRun,
  noRuns,
  type RunEvent,
  type SeenRun,
  unlessExpired,
} from "../../../domain/run/runs-by-key.ts";
import { formatInstant } from "../../../domain/run/time.ts";
import { InFlightCalls } from "../../shared/in-flight.ts";
import type { RunEventKind } from "../../shared/run-events/run-event-kind.ts";
import type { ListedAgent } from "../../store.ts";
import type { Agents } from "../agents/agents.ts";
import { supportedCutoffIn } from "../agents/supported-cutoff.ts";
import { keyHash } from "../run-view/run-row.ts";
import type { Database, Query } from "../server/database.ts";
import { translateServerError } from "../server/errors.ts";
import { KnownEvents } from "./known-events.ts";

/** So many events of an agent come before those that have expired are looked for: nothing else tells how many there are. */
const LOOKED_AFTER_EVERY = 64;

const numberSchema = z.tuple([z.object({ seq: z.number() })]);
const rowSchema = z.array(z.object({ nth: z.number(), record: z.string() }));

export interface RunEventsOptions {
  readonly database: Database;
  readonly agents: Agents;
  readonly now: () => number;
  readonly retentionDays: RetentionDays;
}

/** The events of one kind of every agent's runs. */
export class PostgresRunEvents<E extends RunEvent, R extends SeenRun, D extends DayOfRuns, V> {
  readonly #kind: RunEventKind<E, R, D, V>;
  readonly #options: RunEventsOptions;
  readonly #known = new Map<string, KnownEvents<E, R, D, V>>();
  readonly #calls = new InFlightCalls(translateServerError);

  constructor(kind: RunEventKind<E, R, D, V>, options: RunEventsOptions) {
    this.#kind = kind;
    this.#options = options;
  }

  note(agent: AgentName, event: E): Promise<R> {
    return this.#calls.answer(this.#kind.doing.noting, async () => {
      const agentId = await this.#options.agents.claim(agent);
      return this.#note(agent, agentId, event);
    });
  }

  overview(agent: AgentName): Promise<{ readonly seen: V; readonly unreadable: number } | undefined> {
    return this.#ifThere(agent, undefined, async (agentId) => {
      const known = this.#known.get(agentId) ?? new KnownEvents(this.#kind, this.#options.database, agentId);
      this.#known.set(agentId, known);
      const read = await known.catchUp();
      return read && { seen: this.#kind.view(read.history, this.#cutoff), unreadable: read.unreadable };
    });
  }

  find(agent: AgentName, key: string): Promise<R | undefined> {
    return this.#ifThere(agent, undefined, (agentId) =>
      this.#options.database.settle(async ({ query }) => (await this.#of(query, agentId, key)).run),
    );
  }

  listAgents({ like }: { readonly like?: string | undefined } = {}): Promise<ListedAgent[]> {
    return this.#calls.answer("listing the agents", () => this.#options.agents.list(this.#kind.journal, like));
  }

  changeToken(agent?: AgentName): Promise<string> {
    return this.#calls.answer("looking for changes", () => this.#options.agents.changeToken(this.#kind.journal, agent));
  }

  close(): Promise<void> {
    return this.#calls.close();
  }

  /** Reads the events of one run, and adds one: no other of it can have come in between, for each has a number among them. */
  #note(agent: AgentName, agentId: string, event: E): Promise<R> {
    const { database } = this.#options;
    const { encode, journal, rules } = this.#kind;
    const table = (name: string) => database.table(name);
    let isPruningDue = false;
    const noted = database.settle(async ({ query, write }) => {
      const { nth, run: known } = await this.#of(query, agentId, event.key);
      const run = rules.withEvent(known, event);
      if (rules.isSame(known, run) || isExpiredRun(run, this.#cutoff)) return run;
      const line = encode({ ...event, agent, first_seen: formatInstant(run.firstSeenAt) })
        .toString()
        .trimEnd();
      const rows = await write(
        `WITH turn AS (UPDATE ${table("agents")} SET last_${journal} = last_${journal} + 1, has_${journal} = true, ${journal}_at = now()
WHERE agent_id = $1 RETURNING last_${journal} AS seq)
INSERT INTO ${table(journal)} (agent_id, seq, key_hash, nth, execution_id, first_seen, record)
SELECT $1::uuid, turn.seq, $2::text, $3::bigint, $4::text, $5::double precision, $6::text FROM turn RETURNING seq`,
        [agentId, keyHash(event.key), nth + 1, executionIdIn(event), run.firstSeenAt, line],
      );
      const [number] = numberSchema.parse(rows);
      isPruningDue = number.seq % LOOKED_AFTER_EVERY === 0 && database.rights.mayKeep;
      return run;
    });
    return noted.then(async (run) => {
      if (isPruningDue) await this.#prune(agentId);
      return run;
    });
  }

  /** Takes out the events of runs that have expired. What was acknowledged is there by now: that this fails is no reason to fail. */
  async #prune(agentId: string): Promise<void> {
    const { database, now, retentionDays } = this.#options;
    const { journal: table } = this.#kind;
    await database
      .settle(async ({ query, write }) => {
        const witnesses = { table, column: "first_seen", agentId };
        const cutoff = await supportedCutoffIn(query, database, witnesses, { now: now(), retentionDays });
        if (!Number.isFinite(cutoff)) return;
        await write(`DELETE FROM ${database.table(table)} WHERE agent_id = $1 AND first_seen < $2`, [
          agentId,
          firstLiveDay(cutoff),
        ]);
      })
      .catch(() => {});
  }

  /** What is known of a run, unless it has expired, and the number of its last event. */
  async #of(
    query: Query,
    agentId: string,
    key: string,
  ): Promise<{ readonly run: R | undefined; readonly nth: number }> {
    const { decode, journal, rules } = this.#kind;
    const rows = rowSchema.parse(
      await query(
        `SELECT nth, record FROM ${this.#options.database.table(journal)} WHERE agent_id = $1 AND key_hash = $2 ORDER BY nth`,
        [agentId, keyHash(key)],
      ),
    );
    const history = noRuns<R, D>();
    for (const { record } of rows) {
      const event = decode(Buffer.from(record));
      if (event !== undefined && event !== "blank") addRunEvent(history, event, rules);
    }
    return { run: unlessExpired(history.recent.get(key), this.#cutoff), nth: rows.at(-1)?.nth ?? 0 };
  }

  get #cutoff(): number {
    return retentionCutoff(this.#options.retentionDays, this.#options.now());
  }

  #ifThere<T>(agent: AgentName, nothing: T, use: (agentId: string) => Promise<T>): Promise<T> {
    return this.#calls.answer(`${this.#kind.doing.reading} ${agent}`, async () => {
      const agentId = await this.#options.agents.idOf(agent);
      return agentId === undefined ? nothing : use(agentId);
    });
  }
}

/** The run on record that an event names, if its kind has such a field. */
export function executionIdIn(event: object): string | null {
  return "execution_id" in event && typeof event.execution_id === "string" ? event.execution_id : null;
}
