import * as z from "zod";
import { encodeJson } from "../../../adr004/json-style.ts";
import { decodeVerification } from "../../../adr004/verification-line.ts";
import type { Execution } from "../../../domain/run/execution.ts";
import { parseJson, sameJson } from "../../../domain/text/json.ts";
import { type MergeResult, mergeResultOf } from "../../../domain/verification/merge-verifications.ts";
import { addVerification, foldVerifications, type Verification } from "../../../domain/verification/verification.ts";
import { oneOfSeveral, unknownRun } from "../../refusals.ts";
import { verificationLine } from "../../shared/verification-line.ts";
import type { NewVerification, VerifyOptions, VerifyResult } from "../../store.ts";
import { keptColumns, keptVerificationSchema, readVerification } from "../run-view/kept-verification.ts";
import { copiesOf, readRecord } from "../run-view/run-row.ts";
import type { Attempt, Database, Query } from "../server/database.ts";

const runSchema = z.array(z.object({ record: z.string(), copies: z.number() }));
const checkSchema = z.array(keptVerificationSchema.extend({ execution_id: z.string(), nth: z.number() }));

/** What a line of ours says of the words before it was just read. */
const ownEarlierWords = { ci_before: true, person_before: true };

interface AgentOfRuns {
  readonly agent: string;
  readonly agentId: string;
}

/** A run, and what is said of it. */
interface VerifiedHere {
  readonly execution: Execution;
  readonly isOneOfSeveral: boolean;
  /** By whose word each counts. */
  readonly verifications: Verification[];
  /** Each of them as it was sent. */
  readonly records: string[];
  nth: number;
}

interface Line {
  readonly verification: Verification;
  readonly record: string;
  readonly nth: number;
  readonly at: number | undefined;
}

/** Adds what verifications found of an agent's runs. */
export class Verifier {
  readonly #database: Database;
  readonly #agent: AgentOfRuns;

  constructor(database: Database, agent: AgentOfRuns) {
    this.#database = database;
    this.#agent = agent;
  }

  /** Each says all that was said of its run before, and takes the next number of that run: no other can have come in between. */
  verify(
    verifications: readonly NewVerification[],
    { dryRun = false, fromElsewhere = false }: VerifyOptions,
    cutoff: () => number,
  ): Promise<VerifyResult[]> {
    return this.#database.settle(async (attempt) => {
      const here = await this.#read(attempt.query, verifications, cutoff());
      const lines: Line[] = [];
      const results = verifications.map((one) => this.#decide(one, here, lines, { fromElsewhere, attempt }));
      if (!dryRun && lines.length > 0) await this.#write(attempt, lines);
      return results;
    });
  }

  #decide(
    verification: NewVerification,
    here: ReadonlyMap<string, VerifiedHere>,
    lines: Line[],
    { attempt, fromElsewhere }: { attempt: Attempt; fromElsewhere: boolean },
  ): VerifyResult {
    const { agent } = this.#agent;
    const run = here.get(verification.execution_id);
    if (run === undefined) return { kind: "refused", error: unknownRun(agent, verification.execution_id) };
    if (run.isOneOfSeveral && !fromElsewhere && !verification.withdrawn) {
      return { kind: "refused", error: oneOfSeveral(agent, verification.execution_id) };
    }
    const known = foldVerifications(run.verifications).get(verification.execution_id);
    const { isCi, isPerson } = this.#database.rights;
    const line = verificationLine(agent, verification, run.execution, known);
    const own = encodeJson(line);
    const { origin } = verification;
    const isAsWritten = origin !== undefined && saysTheSame(origin.text, own);
    const isRewritten = origin !== undefined && !isAsWritten;
    const kind = fromElsewhere ? comesAs(verification, isAsWritten, run.records) : "new";
    const isKept = attempt.isAmbiguous && origin === undefined && hasSame(run.verifications, line);
    if (kind !== "new" || (isKept && known !== undefined)) return { kind, run: known ?? addVerification(known, line) };
    const record = isAsWritten ? origin.text : own;
    const read = readVerification({ record, by_ci: isCi, by_person: isPerson, ...ownEarlierWords }) ?? line;
    run.nth += 1;
    run.verifications.push(read);
    run.records.push(record);
    lines.push({ verification: line, record, nth: run.nth, at: run.execution.at });
    return { kind, run: addVerification(known, read), ...(isRewritten ? { isRewritten } : {}) };
  }

  async #read(
    query: Query,
    verifications: readonly NewVerification[],
    cutoff: number,
  ): Promise<Map<string, VerifiedHere>> {
    const ids = [...new Set(verifications.map(({ execution_id }) => execution_id))];
    const t = this.#database.table("runs");
    const runs = await query(
      `SELECT record, ${copiesOf(t)} FROM ${t} r WHERE agent_id = $1 AND id = ANY($2::text[]) AND id_turn = 0 AND (at IS NULL OR at >= $3)`,
      [this.#agent.agentId, ids, cutoff],
    );
    const here = new Map<string, VerifiedHere>();
    for (const { copies, record } of runSchema.parse(runs)) {
      const execution = readRecord(record)?.execution;
      if (execution === undefined) continue;
      here.set(execution.id, { execution, isOneOfSeveral: copies > 1, verifications: [], records: [], nth: 0 });
    }
    const checks = await query(
      `SELECT c.execution_id, c.nth, ${keptColumns(this.#database.table("checks"))} FROM ${this.#database.table("checks")} c WHERE c.agent_id = $1 AND c.execution_id = ANY($2::text[]) ORDER BY c.nth`,
      [this.#agent.agentId, [...here.keys()]],
    );
    for (const { execution_id, nth, ...kept } of checkSchema.parse(checks)) {
      const read = readVerification(kept);
      const run = here.get(execution_id);
      if (run === undefined) continue;
      run.nth = nth;
      run.records.push(kept.record);
      if (read !== undefined) run.verifications.push(read);
    }
    return here;
  }

  /** Only a role that may speak for CI, or for a person, fills in the column that says so. */
  async #write({ write }: Attempt, lines: readonly Line[]): Promise<void> {
    const { isCi, isPerson } = this.#database.rights;
    const of = <T>(value: (line: Line) => T) => lines.map(value);
    const words = [...(isCi ? ["by_ci"] : []), ...(isPerson ? ["by_person"] : [])];
    const columns = ["execution_id", "nth", "run_at", "record"];
    const types = ["text", "bigint", "double precision", "text", ...words.map(() => "boolean")];
    const names = [...columns, ...words];
    const t = (name: string) => this.#database.table(name);
    await write(
      `WITH turn AS (UPDATE ${t("agents")} SET last_check = last_check + $2::bigint, runs_at = now() WHERE agent_id = $1
RETURNING last_check - $2::bigint AS base)
INSERT INTO ${t("checks")} (agent_id, seq, ${names.join(", ")})
SELECT $1::uuid, turn.base + n.ord, ${names.map((name) => `n.${name}`).join(", ")}
FROM turn, unnest($3::bigint[], ${types.map((type, index) => `$${index + 4}::${type}[]`).join(", ")}) AS n(ord, ${names.join(", ")})`,
      [
        this.#agent.agentId,
        lines.length,
        lines.map((_, index) => index + 1),
        of(({ verification }) => verification.execution_id),
        of(({ nth }) => nth),
        of(({ at }) => at ?? null),
        of(({ record }) => record),
        ...words.map((word) =>
          of(({ verification }) => verification.verified_by === (word === "by_ci" ? "ci" : "human")),
        ),
      ],
    );
  }
}

/** What becomes of one from elsewhere. Those that are here are compared as they were sent, also if their word counts less here. */
function comesAs(verification: NewVerification, isAsWritten: boolean, records: readonly string[]): MergeResult {
  const { origin } = verification;
  if (origin !== undefined) {
    if (records.filter((record) => record === origin.text).length > origin.earlierCopies) return "present";
    if (isAsWritten) return "new";
  }
  return mergeResultOf(records.flatMap(asSent), verification);
}

function asSent(record: string): Verification[] {
  const read = decodeVerification(Buffer.from(record));
  return read === undefined || read === "blank" ? [] : [read];
}

/** Whether a line says what ours would: it may say more, and spell it in its own way. */
function saysTheSame(text: string, own: string): boolean {
  return asSent(text).some((read) => sameJson(parseJson(JSON.stringify(read)), parseJson(own)));
}

/** What the same verifier said at the same instant in the same words: that is the one that was sent before. */
function hasSame(here: readonly Verification[], line: Verification): boolean {
  return here.some(
    (one) =>
      one.verified_by === line.verified_by &&
      one.success === line.success &&
      one.timestamp === line.timestamp &&
      one.evidence === line.evidence &&
      (one.withdrawn ?? false) === (line.withdrawn ?? false),
  );
}
