import * as z from "zod";
import {
  addRunEvent,
  type DayOfRuns,
  noRuns,
  type RunEvent,
  type RunsByKey,
  type SeenRun,
} from "../../../domain/run/runs-by-key.ts";
import { parseJson } from "../../../domain/text/json.ts";
import { Mutex } from "../../shared/mutex.ts";
import { type RunEventKind, savedEvents } from "../../shared/run-events/run-event-kind.ts";
import type { Database, Query } from "../server/database.ts";

const ROWS = 2_000;
const SAVED_EVERY = 256;

const agentSchema = z.object({ epoch: z.number(), last: z.number(), is_there: z.boolean() });
const rowSchema = z.array(z.object({ seq: z.number(), record: z.string() }));
const savedSchema = z.object({ epoch: z.number(), seq: z.number(), state: z.string() });

interface FoldedEvents<R extends SeenRun, D extends DayOfRuns> {
  readonly epoch: number;
  seq: number;
  readonly history: RunsByKey<R, D>;
  unreadable: number;
}

/** What the events of one kind of one agent come to, as this process knows it. */
export class KnownEvents<E extends RunEvent, R extends SeenRun, D extends DayOfRuns, V> {
  readonly #kind: RunEventKind<E, R, D, V>;
  readonly #database: Database;
  readonly #agentId: string;
  readonly #turns = new Mutex();
  #folded: FoldedEvents<R, D> = nothing(-1);
  #savedAt = 0;

  constructor(kind: RunEventKind<E, R, D, V>, database: Database, agentId: string) {
    this.#kind = kind;
    this.#database = database;
    this.#agentId = agentId;
  }

  /** Reads what has come since; `undefined` if nothing of the agent was ever noted. */
  catchUp(): Promise<FoldedEvents<R, D> | undefined> {
    return this.#turns.take(async () => {
      const isThere = await this.#database.settle(({ query }) => this.#readOn(query), "onward");
      if (this.#folded.seq >= this.#savedAt + SAVED_EVERY) await this.#save();
      return isThere ? this.#folded : undefined;
    });
  }

  async #readOn(query: Query): Promise<boolean> {
    const { decode, journal, rules } = this.#kind;
    const table = (name: string) => this.#database.table(name);
    for (;;) {
      const [agentRow] = await query(
        `SELECT ${journal}_epoch AS epoch, last_${journal} AS last, has_${journal} AS is_there FROM ${table("agents")} WHERE agent_id = $1`,
        [this.#agentId],
      );
      const agent = agentSchema.parse(agentRow);
      if (agent.epoch !== this.#folded.epoch) {
        this.#folded = await this.#saved(query, agent.epoch);
        continue;
      }
      if (agent.last === this.#folded.seq) return agent.is_there;
      const rows = rowSchema.parse(
        await query(
          `SELECT seq, record FROM ${table(journal)} WHERE agent_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT ${ROWS}`,
          [this.#agentId, this.#folded.seq, agent.last],
        ),
      );
      for (const { record, seq } of rows) {
        const event = decode(Buffer.from(record));
        if (event === undefined) this.#folded.unreadable += 1;
        else if (event !== "blank") addRunEvent(this.#folded.history, event, rules);
        this.#folded.seq = seq;
      }
      // The last ones may have been taken out.
      if (rows.length < ROWS) this.#folded.seq = agent.last;
    }
  }

  get #format(): string {
    return `${this.#kind.journal}-${this.#kind.snapshot.version}`;
  }

  async #saved(query: Query, epoch: number): Promise<FoldedEvents<R, D>> {
    const [row] = await query(
      `SELECT epoch, seq, state FROM ${this.#database.table("folds")} WHERE agent_id = $1 AND format = $2 AND epoch = $3`,
      [this.#agentId, this.#format, epoch],
    );
    const saved = savedSchema.safeParse(row).data;
    const history =
      saved === undefined ? undefined : savedEvents(this.#kind).schema().safeParse(parseJson(saved.state)).data;
    if (saved === undefined || history === undefined) return nothing(epoch);
    this.#savedAt = saved.seq;
    return { epoch, seq: saved.seq, history, unreadable: 0 };
  }

  /** What is derived may fail, and is dropped. What could not be read is not in it, so that it is counted anew. */
  async #save(): Promise<void> {
    const { epoch, history, seq, unreadable } = this.#folded;
    this.#savedAt = seq;
    if (unreadable > 0 || !this.#database.rights.maySave) return;
    const state = JSON.stringify(savedEvents(this.#kind).encode(history));
    const text = `INSERT INTO ${this.#database.table("folds")} AS f (agent_id, format, epoch, seq, state) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (agent_id, format) DO UPDATE SET epoch = EXCLUDED.epoch, seq = EXCLUDED.seq, state = EXCLUDED.state
WHERE EXCLUDED.epoch > f.epoch OR (EXCLUDED.epoch = f.epoch AND EXCLUDED.seq > f.seq)`;
    const values = [this.#agentId, this.#format, epoch, seq, state];
    await this.#database.settle(({ write }) => write(text, values)).catch(() => {});
  }
}

function nothing<R extends SeenRun, D extends DayOfRuns>(epoch: number): FoldedEvents<R, D> {
  return { epoch, seq: 0, history: noRuns(), unreadable: 0 };
}
