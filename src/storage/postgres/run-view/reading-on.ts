import type { VerifiedTally } from "../../../domain/history/verified-history.ts";
import type { Execution } from "../../../domain/run/execution.ts";
import type { OnNotice } from "../../notice.ts";
import { isNumber, isText, isTruth, nullable, objectOf, oneOf } from "../../shared/form.ts";
import type { Attempt, Database, Query } from "../server/database.ts";
import { expectRow } from "../server/driver.ts";
import {
  decodeFold,
  encodeFold,
  endFolding,
  FOLD_FORMAT,
  type FoldedRuns,
  foldRun,
  foldVerification,
  nothingFolded,
} from "./fold.ts";
import { keptColumns, keptVerificationSchema } from "./kept-verification.ts";
import { readRecord } from "./run-row.ts";

/** So many rows come at a time. */
const ROWS = 2_000;
/** From so many on it is said that they are read. */
const MANY = 20_000;
/** So often what was folded is saved, for processes that start. */
const SAVED_EVERY = 256;

interface KnownRow {
  readonly kind: "agent" | "run" | "check";
  readonly epoch: number | null;
  readonly seq: number;
  readonly place: number | null;
  readonly at: number | null;
  // Of a verification alone: `null` else.
  readonly by_ci: boolean | null;
  readonly by_person: boolean | null;
  readonly ci_before: boolean | null;
  readonly person_before: boolean | null;
  readonly record: string | null;
}

const isWord = nullable(isTruth);
const isKnownRow = objectOf<KnownRow>({
  kind: oneOf("agent", "run", "check"),
  epoch: nullable(isNumber),
  seq: isNumber,
  place: nullable(isNumber),
  at: nullable(isNumber),
  by_ci: isWord,
  by_person: isWord,
  ci_before: isWord,
  person_before: isWord,
  record: nullable(isText),
});

interface SavedRow {
  readonly epoch: number;
  readonly seq: number;
  readonly state: string;
}

const isSavedRow = objectOf<SavedRow>({ epoch: isNumber, seq: isNumber, state: isText });

/** Where an agent's tables end, as a statement that wrote to them says. */
export interface Written {
  readonly base: number;
  readonly epoch: number;
  readonly lastCheck: number;
}

/** One agent's history as this process knows it. One caller at a time. */
export class KnownRuns {
  readonly #database: Database;
  readonly #agentId: string;
  readonly #agent: string;
  readonly #onNotice: OnNotice;
  #folded: FoldedRuns | undefined;
  #savedAt = 0;

  constructor(options: { database: Database; agentId: string; agent: string; onNotice: OnNotice }) {
    this.#database = options.database;
    this.#agentId = options.agentId;
    this.#agent = options.agent;
    this.#onNotice = options.onNotice;
  }

  /** What is folded, as far as it was read. */
  get current(): FoldedRuns {
    this.#folded ??= nothingFolded(-1);
    return this.#folded;
  }

  /** Reads what has come since, and gives what there is: one round trip if that is little. */
  async catchUp(): Promise<FoldedRuns> {
    await this.#database.settle(({ query }) => this.readOn(query), "onward");
    await this.saveIfDue();
    return this.current;
  }

  /** Reads on over a connection that the caller has. */
  async readOn(query: Query): Promise<FoldedRuns> {
    // What was saved spares nearly all rows, and mostly nothing was taken out since.
    if (this.current.epoch < 0) await this.#resume(query);
    for (let isSaid = false; ; ) {
      const folded = this.current;
      const found = await query(this.#text, [this.#agentId, folded.seq, folded.check]);
      const rows = found.map((row) => expectRow(isKnownRow, row));
      const agent = rows.find(({ kind }) => kind === "agent");
      if (agent === undefined) return folded;
      if (agent.epoch !== folded.epoch) {
        await this.#resume(query, agent.epoch ?? 0);
        continue;
      }
      const missing = agent.seq - folded.seq;
      if (missing > MANY && !isSaid) this.#onNotice(`reading the history of ${this.#agent}: ${missing} runs`);
      isSaid ||= missing > MANY;
      if (!this.#take(folded, rows)) continue;
      // The last ones may have been taken out.
      folded.seq = agent.seq;
      folded.check = agent.place ?? 0;
      return folded;
    }
  }

  /**
   * Takes in own runs that stand where a statement says, unless they were read by now; `false` if others came in between,
   * which have to be read.
   */
  takeOwn(executions: readonly Execution[], { base, epoch, lastCheck }: Written): boolean {
    const folded = this.current;
    const isRead = folded.seq >= base + executions.length && folded.check >= lastCheck;
    if (isRead && folded.epoch === epoch) return true;
    if (folded.seq !== base || folded.epoch !== epoch || folded.check !== lastCheck) return false;
    for (const [index, execution] of executions.entries()) foldRun(folded, execution, base + index + 1);
    return true;
  }

  /** After own runs were taken in: of several processes that record, the one saves that has made a round number full. */
  async saveIfFull(count: number, { base }: Written): Promise<void> {
    if (Math.floor(base / SAVED_EVERY) < Math.floor((base + count) / SAVED_EVERY)) await this.#saveNow();
  }

  async saveIfDue(): Promise<void> {
    const { check, seq } = this.current;
    if (seq + check >= this.#savedAt + SAVED_EVERY) await this.#saveNow();
  }

  /** What is derived may fail, and is dropped: the next process that reads on saves it. */
  async #saveNow(): Promise<void> {
    this.#savedAt = this.current.seq + this.current.check;
    if (!this.#database.rights.maySave) return;
    await this.#database.settle((attempt) => this.save(attempt)).catch(() => {});
  }

  /** Saves what is folded, or what will be known once the transaction that this is part of is kept. */
  async save({ write }: Pick<Attempt, "write">, folded = this.current): Promise<void> {
    const { epoch, seq } = folded;
    const folds = this.#database.table("folds");
    await write(
      `INSERT INTO ${folds} AS f (agent_id, format, epoch, seq, state) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (agent_id, format) DO UPDATE SET epoch = EXCLUDED.epoch, seq = EXCLUDED.seq, state = EXCLUDED.state
WHERE EXCLUDED.epoch > f.epoch OR (EXCLUDED.epoch = f.epoch AND EXCLUDED.seq >= f.seq)`,
      [this.#agentId, FOLD_FORMAT, epoch, seq, encodeFold(folded)],
    );
  }

  /** Goes on from another state of the same agent. */
  adopt(folded: FoldedRuns): void {
    this.#folded = folded;
    this.#savedAt = folded.seq + folded.check;
  }

  /** What the verifications say that were read, folded from their rows and not from what was saved. */
  async verifiedByRows(query: Query): Promise<VerifiedTally> {
    const folded = nothingFolded(0);
    const { check: last } = this.current;
    for (let isMore = true; isMore; ) {
      const found = await query(this.#checksText, [this.#agentId, folded.check, last]);
      const rows = found.map((row) => expectRow(isKnownRow, row));
      isMore = !this.#take(folded, rows);
    }
    return folded.verified.total;
  }

  /** Forgets what was read: an attempt to write has failed in a way that leaves it open what stands there. */
  forget(): void {
    this.#folded = undefined;
    this.#savedAt = 0;
  }

  #take(folded: FoldedRuns, rows: readonly KnownRow[]): boolean {
    const counts = { run: 0, check: 0 };
    for (const { at, kind, place, record, seq, ...words } of rows.toSorted((a, b) => a.seq - b.seq)) {
      if (kind === "agent" || record === null) continue;
      counts[kind] += 1;
      if (kind === "run") foldRun(folded, readRecord(record)?.execution, seq);
      else {
        const kept = keptVerificationSchema.parse({ ...words, record });
        foldVerification(folded, { ...kept, seq, place: place ?? 0, at: at ?? undefined });
      }
    }
    endFolding(folded);
    return counts.run < ROWS && counts.check < ROWS;
  }

  /** Goes on from what was saved, if it is of this history; else from nothing. */
  async #resume(query: Query, epoch?: number): Promise<void> {
    const [row] = await query(
      `SELECT epoch, seq, state FROM ${this.#database.table("folds")} WHERE agent_id = $1 AND format = $2`,
      [this.#agentId, FOLD_FORMAT],
    );
    const saved = isSavedRow(row) ? row : undefined;
    const isMeant = saved !== undefined && (epoch === undefined || saved.epoch === epoch);
    this.adopt((isMeant ? decodeFold(saved.state, saved) : undefined) ?? nothingFolded(epoch ?? saved?.epoch ?? 0));
  }

  /** The rows behind some numbers, as of one moment. A verification without its run is none. */
  get #text(): string {
    const t = (name: string) => this.#database.table(name);
    return `SELECT 'agent' AS kind, epoch, last_seq AS seq, last_check AS place, NULL::double precision AS at, NULL::boolean AS by_ci, NULL::boolean AS by_person, NULL::boolean AS ci_before, NULL::boolean AS person_before, NULL AS record
FROM ${t("agents")} WHERE agent_id = $1
UNION ALL (SELECT 'run', NULL, seq, NULL, NULL, NULL, NULL, NULL, NULL, record FROM ${t("runs")} WHERE agent_id = $1 AND seq > $2 ORDER BY seq LIMIT ${ROWS})
UNION ALL (${this.#checksBehind("$3")} ORDER BY c.seq LIMIT ${ROWS})`;
  }

  /** Verifications behind a number, up to another one. */
  get #checksText(): string {
    return `${this.#checksBehind("$2")} AND c.seq <= $3 ORDER BY c.seq LIMIT ${ROWS}`;
  }

  #checksBehind(seq: string): string {
    const [checks, runs] = [this.#database.table("checks"), this.#database.table("runs")];
    return `SELECT 'check' AS kind, NULL::bigint AS epoch, c.seq, r.seq AS place, r.at, ${keptColumns(checks)}
FROM ${checks} c JOIN ${runs} r ON r.agent_id = c.agent_id AND r.id = c.execution_id AND r.id_turn = 0
WHERE c.agent_id = $1 AND c.seq > ${seq}`;
  }
}
