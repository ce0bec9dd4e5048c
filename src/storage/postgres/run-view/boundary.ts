import * as z from "zod";
import type { DayTally } from "../../../domain/history/history.ts";
import type { Tally } from "../../../domain/history/tally.ts";
import {
  countRun,
  emptyVerifiedTally,
  type VerifiedDay,
  type VerifiedTally,
} from "../../../domain/history/verified-history.ts";
import { hasExpired } from "../../../domain/run/retention.ts";
import { DAY_MS } from "../../../domain/run/time.ts";
import { addVerification, type VerifiedRun } from "../../../domain/verification/verification.ts";
import { PartialDay } from "../../shared/partial-day.ts";
import type { Database } from "../server/database.ts";
import { keptColumns, keptVerificationSchema, readVerification } from "./kept-verification.ts";

const runSchema = z.array(
  z.object({ at: z.number(), success: z.boolean(), quality: z.number().nullable(), time_s: z.number().nullable() }),
);
const checkSchema = z.array(keptVerificationSchema.extend({ run_at: z.number() }));

/** Two instants may cut through two days. */
const KEPT_DAYS = 4;

/** The days that an instant cuts through, read run by run, and kept as long as nothing is added to them. */
export class BoundaryDays {
  readonly #database: Database;
  readonly #agentId: string;
  readonly #runs = new Map<DayTally, { readonly runs: number; readonly day: PartialDay }>();
  readonly #checked = new Map<VerifiedDay, { readonly verifications: number; readonly runs: CheckedRun[] }>();

  constructor(database: Database, agentId: string) {
    this.#database = database;
    this.#agentId = agentId;
  }

  /** Counts the runs of a day that are live at a cutoff (ms). The counters hold until the next call. */
  async count(day: DayTally, cutoff: number): Promise<Tally> {
    let known = this.#runs.get(day);
    if (known?.runs !== day.runs) {
      known = { runs: day.runs, day: await this.#readDay(day) };
      keepFew(this.#runs, day, known);
    }
    return known.day.liveAt(cutoff);
  }

  /** Counts the runs of a day that were checked, and are live at a cutoff (ms). */
  async countChecked(day: VerifiedDay, cutoff: number): Promise<VerifiedTally> {
    let known = this.#checked.get(day);
    if (known?.verifications !== day.verifications) {
      known = { verifications: day.verifications, runs: await this.#readChecked(day) };
      keepFew(this.#checked, day, known);
    }
    const tally = emptyVerifiedTally();
    for (const { at, run } of known.runs) if (!hasExpired(at, cutoff)) countRun(tally, run, 1);
    return tally;
  }

  async #readDay(day: DayTally): Promise<PartialDay> {
    const rows = await this.#database.read(
      `SELECT at, success, quality, time_s FROM ${this.#database.table("runs")}
WHERE agent_id = $1 AND seq BETWEEN $2 AND $3 AND at >= $4 AND at < $5`,
      [this.#agentId, day.firstPlace, day.lastPlace, ...daySpan(day)],
      "onward",
    );
    const partial = new PartialDay();
    for (const { at, quality, success, time_s } of runSchema.parse(rows)) {
      partial.add(at, { success, quality: quality ?? undefined, timeS: time_s ?? undefined });
    }
    return partial;
  }

  /** The last verification of a run says all that is known of it. */
  async #readChecked(day: VerifiedDay): Promise<CheckedRun[]> {
    const rows = await this.#database.read(
      `SELECT c.run_at, ${keptColumns(this.#database.table("checks"))} FROM ${this.#database.table("checks")} c
WHERE c.agent_id = $1 AND c.seq BETWEEN $2 AND $3 AND c.run_at >= $4 AND c.run_at < $5 ORDER BY c.seq`,
      [this.#agentId, day.firstPlace, day.lastPlace, ...daySpan(day)],
      "onward",
    );
    const runs = new Map<string, CheckedRun>();
    for (const { run_at, ...kept } of checkSchema.parse(rows)) {
      const read = readVerification(kept);
      if (read !== undefined) runs.set(read.execution_id, { at: run_at, run: addVerification(undefined, read) });
    }
    return [...runs.values()];
  }
}

interface CheckedRun {
  readonly at: number;
  readonly run: VerifiedRun;
}

function daySpan({ earliestAt }: { readonly earliestAt: number }): [number, number] {
  const day = Math.floor(earliestAt / DAY_MS);
  return [day * DAY_MS, (day + 1) * DAY_MS];
}

function keepFew<K, V>(known: Map<K, V>, key: K, value: V): void {
  known.set(key, value);
  for (const oldest of known.keys()) {
    if (known.size <= KEPT_DAYS) break;
    known.delete(oldest);
  }
}
