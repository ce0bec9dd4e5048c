import * as z from "zod";
import type { Query } from "./driver.ts";

/** Some records of one file, each as it was written, in their order. */
export interface Records {
  /** Whose they are; `undefined`: what the optimizers have written. */
  readonly agent: string | undefined;
  readonly kind: "runs" | "checks" | "lifecycle" | "evidence" | "voided" | "entries" | "events" | "report";
  readonly records: readonly string[];
  /** Set with the first ones of an agent: those that came before are to be forgotten. */
  readonly isAnew: boolean;
}

const ROWS = 2_000;
const MOST_TRIES = 5;

const agentSchema = z.array(z.object({ agent_id: z.string(), agent: z.string(), version: z.string() }));
const rowSchema = z.array(z.object({ seq: z.number(), record: z.string() }));
const adviceSchema = z.array(z.object({ seq: z.number(), kind: z.enum(["entry", "event"]), record: z.string() }));
const reportSchema = z.array(z.object({ report: z.string().nullable() }));

/** What was written anew, or put in between. */
const VERSION = "concat_ws(' ', epoch, orders, lifecycle_epoch, evidence_epoch)";

/**
 * Every record of a project, byte for byte, without a transaction that is open for as long as it takes: an agent whose
 * rows were written anew meanwhile is read again.
 */
export async function* recordsOf(query: Query, schema: string, project: string): AsyncGenerator<Records> {
  const t = (name: string) => `"${schema}".${name}`;
  const version = `SELECT agent_id, agent, ${VERSION} AS version FROM ${t("agents")}`;
  const agents = agentSchema.parse(await query(`${version} WHERE project = $1 ORDER BY folded`, [project]));
  for (const { agent, agent_id: id, version: first } of agents) {
    let before = first;
    for (let tries = 1; ; tries += 1) {
      let isAnew = true;
      for (const kind of ["runs", "checks", "lifecycle", "evidence", "voided"] as const) {
        for (let after: number | undefined = 0; after !== undefined; ) {
          const rows: z.infer<typeof rowSchema> = rowSchema.parse(
            await query(
              `SELECT seq, record FROM ${t(kind)} WHERE agent_id = $1 AND seq > $2 ORDER BY seq LIMIT ${ROWS}`,
              [id, after],
            ),
          );
          if (rows.length > 0 || isAnew) yield { agent, kind, isAnew, records: rows.map(({ record }) => record) };
          isAnew = false;
          after = rows.length < ROWS ? undefined : rows.at(-1)?.seq;
        }
      }
      const [now] = agentSchema.parse(await query(`${version} WHERE agent_id = $1`, [id]));
      if (now === undefined || now.version === before) break;
      if (tries >= MOST_TRIES) throw new Error("the rows of an agent are written anew again and again");
      before = now.version;
    }
  }
  const advice = adviceSchema.parse(
    await query(`SELECT seq, kind, record FROM ${t("advice")} WHERE project = $1 ORDER BY seq`, [project]),
  );
  for (const [kind, of] of [
    ["entries", "entry"],
    ["events", "event"],
  ] as const) {
    const records = advice.filter((one) => one.kind === of).map(({ record }) => record);
    if (records.length > 0) yield { agent: undefined, kind, records, isAnew: false };
  }
  const [row] = reportSchema.parse(await query(`SELECT report FROM ${t("optimizer")} WHERE project = $1`, [project]));
  if (row?.report != null) yield { agent: undefined, kind: "report", records: [row.report], isAnew: false };
}
