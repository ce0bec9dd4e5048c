import * as z from "zod";
import { parseForeignObject } from "../../adr004/foreign-json.ts";
import { encodeIndentedJson } from "../../adr004/json-style.ts";
import { decodeEntry, decodeEvent, encodeAdvice } from "../../adr004/recommendation-line.ts";
import { missingAdvice } from "../../domain/coaching/merge-recommendations.ts";
import type { AdviceEntry, RecommendationEvent } from "../../domain/coaching/recommendation.ts";
import { type JsonObject, sameJson } from "../../domain/text/json.ts";
import { KaizenError } from "../../errors.ts";
import type { Advice, AdviceStore, ForeignTexts, ReadAdvice } from "../store.ts";
import type { Attempt, Database, Query } from "./server/database.ts";
import { translateServerError } from "./server/errors.ts";

const changesSchema = z.object({ changes: z.number() });
const reportSchema = z.object({ report: z.string().nullable() });
const rowSchema = z.array(z.object({ kind: z.string(), record: z.string() }));

const noAdvice: Advice = { entries: [], events: [] };
const noTexts: ForeignTexts = new Map();

/** What is there, and the number of its last change: as long as that holds, so does the rest. */
interface AdviceHere extends ReadAdvice {
  readonly changes: number;
}

interface NewAdvice extends Advice {
  readonly report?: string;
  readonly texts?: ForeignTexts;
}

/** What an optimizer leaves behind: of a project one row that counts the changes and has the report, and one for each piece of advice. */
export class PostgresAdvice implements AdviceStore {
  readonly #database: Database;
  readonly #project: string;
  readonly #where: string;

  /** `where` says in words where the store is. */
  constructor(database: Database, project: string, where: string) {
    this.#database = database;
    this.#project = project;
    this.#where = where;
  }

  writeAnalysis(report: JsonObject, advice = noAdvice, text = encodeIndentedJson(report)): Promise<string> {
    return this.#settle("writing the analysis", async (attempt) => {
      // After a connection was lost some of it may be there.
      const missing = attempt.isAmbiguous ? missingAdvice(await this.#read(attempt.query), advice) : advice;
      await this.#write(attempt, { ...missing, report: text });
      return `analysis.json in ${this.#where}`;
    });
  }

  async readAnalysis(): Promise<JsonObject | undefined> {
    const [row] = await this.#settle("reading the analysis", ({ query }) =>
      query(`SELECT report FROM ${this.#table("optimizer")} WHERE project = $1`, [this.#project]),
    );
    const text = row === undefined ? null : reportSchema.parse(row).report;
    if (text === null) return undefined;
    const report = parseForeignObject(text);
    if (report !== undefined) return report;
    throw new KaizenError(
      "IO_ERROR",
      "The analysis in the team's store is not a JSON object, so that it cannot be shown.",
      {
        hint: "Let the optimizer write a new one.",
      },
    );
  }

  async readAdvice(): Promise<ReadAdvice> {
    const { changes: _, ...advice } = await this.#settle("reading recommendations", ({ query }) => this.#read(query));
    return advice;
  }

  merge(advice: Advice, texts = noTexts): Promise<Advice> {
    let added: Advice | undefined;
    return this.#settle("writing recommendations", async (attempt) => {
      const here = await this.#read(attempt.query);
      const missing = missingAdvice(here, advice);
      if (attempt.isAmbiguous && added !== undefined && isNothing(missing)) return added;
      added = missing;
      if (!isNothing(missing)) await this.#write(attempt, { ...missing, texts }, here.changes);
      return missing;
    });
  }

  change(decide: (advice: Advice) => RecommendationEvent | undefined): Promise<ReadAdvice> {
    let sent: RecommendationEvent | undefined;
    return this.#settle("noting what became of a recommendation", async (attempt) => {
      const { changes, ...here } = await this.#read(attempt.query);
      if (attempt.isAmbiguous && here.events.some((event) => isSame(event, sent))) return here;
      const event = decide({ entries: here.entries, events: here.events });
      if (event === undefined) return here;
      sent = event;
      await this.#write(attempt, { entries: [], events: [event] }, changes);
      return { ...here, events: [...here.events, structuredClone(event)] };
    });
  }

  changeToken(): Promise<string> {
    return this.#settle("looking for changes", async ({ query }) => String(await this.#changes(query)));
  }

  /** Adds what there is in one statement; if a number of changes is given, only while it holds. */
  async #write(
    { write }: Attempt,
    { entries, events, report, texts = noTexts }: NewAdvice,
    ifChanges?: number,
  ): Promise<void> {
    const rows = [
      ...entries.map((entry) => ({ kind: "entry", record: lineOf(entry, texts) })),
      ...events.map((event) => ({ kind: "event", record: lineOf(event, texts) })),
    ];
    const [written] = await write(
      `WITH turn AS (INSERT INTO ${this.#table("optimizer")} AS o (project, changes, report) VALUES ($1, $2::bigint, $3)
ON CONFLICT (project) DO UPDATE SET changes = o.changes + $2::bigint, report = coalesce($3, o.report)
WHERE $4::bigint IS NULL OR o.changes = $4
RETURNING changes, changes - $2::bigint AS base),
entered AS (INSERT INTO ${this.#table("advice")} (project, seq, kind, record)
SELECT $1, turn.base + n.ord, n.kind, n.record FROM turn, unnest($5::bigint[], $6::text[], $7::text[]) AS n(ord, kind, record))
SELECT changes FROM turn`,
      [
        this.#project,
        rows.length + 1,
        report ?? null,
        ifChanges ?? null,
        rows.map((_, index) => index + 1),
        rows.map(({ kind }) => kind),
        rows.map(({ record }) => record),
      ],
    );
    if (written === undefined) throw new ChangedMeanwhile();
  }

  async #read(query: Query): Promise<AdviceHere> {
    const changes = await this.#changes(query);
    const rows = await query(
      `SELECT kind, record FROM ${this.#table("advice")} WHERE project = $1 AND seq <= $2 ORDER BY seq`,
      [this.#project, changes],
    );
    const entries: AdviceEntry[] = [];
    const events: RecommendationEvent[] = [];
    let unreadable = 0;
    for (const { kind, record } of rowSchema.parse(rows)) {
      const entry = kind === "entry" ? decodeEntry(record) : undefined;
      const event = kind === "event" ? decodeEvent(record) : undefined;
      if (entry !== undefined && entry !== "blank") entries.push(entry);
      else if (event !== undefined && event !== "blank") events.push(event);
      else unreadable += 1;
    }
    return { entries, events, unreadable, changes };
  }

  async #changes(query: Query): Promise<number> {
    const [row] = await query(`SELECT changes FROM ${this.#table("optimizer")} WHERE project = $1`, [this.#project]);
    return row === undefined ? 0 : changesSchema.parse(row).changes;
  }

  #table(name: string): string {
    return this.#database.table(name);
  }

  async #settle<T>(doing: string, work: (attempt: Attempt) => Promise<T>): Promise<T> {
    try {
      return await this.#database.settle(work);
    } catch (error) {
      throw translateServerError(error, doing);
    }
  }
}

/** Another writer was first: to be looked at as a number that is taken. */
class ChangedMeanwhile extends Error {
  readonly code = "23505";
}

function lineOf(record: object, texts: ForeignTexts): string {
  return encodeAdvice([record], texts).toString().trimEnd();
}

function isNothing({ entries, events }: Advice): boolean {
  return entries.length + events.length === 0;
}

function isSame(event: RecommendationEvent, sent: RecommendationEvent | undefined): boolean {
  return sent !== undefined && sameJson(JSON.parse(JSON.stringify(event)), JSON.parse(JSON.stringify(sent)));
}
