import * as z from "zod";
import { decodeEntry, decodeEvent } from "../../../adr004/recommendation-line.ts";
import { withOtherAgent } from "../../../adr004/record-text.ts";
import { type AgentName, isSameName } from "../../../domain/run/agent-name.ts";
import type { Query } from "../server/database.ts";
import type { Move } from "./move-rows.ts";

const rowSchema = z.array(z.object({ seq: z.number(), kind: z.string(), record: z.string() }));

type Row = z.infer<typeof rowSchema>[number];

/** The advice for an agent: the ids of its pieces, and the rows of its entries and of what became of them. */
export async function adviceFor(
  query: Query,
  { database, from, project }: Pick<Move, "database" | "from" | "project">,
): Promise<{ readonly ids: ReadonlySet<string>; readonly entries: readonly Row[]; readonly events: readonly Row[] }> {
  const rows = rowSchema.parse(
    await query(`SELECT seq, kind, record FROM ${database.table("advice")} WHERE project = $1 ORDER BY seq`, [project]),
  );
  const ids = new Set<string>();
  const entries = rows.filter(({ kind, record }) => {
    const entry = kind === "entry" ? decodeEntry(record) : undefined;
    if (entry === undefined || entry === "blank" || !isSameName(entry.agent, from)) return false;
    for (const { id } of entry.recommendations) if (typeof id === "string") ids.add(id);
    return true;
  });
  const events = rows.filter(({ kind, record }) => {
    const event = kind === "event" ? decodeEvent(record) : undefined;
    return event !== undefined && event !== "blank" && ids.has(event.id);
  });
  return { ids, entries, events };
}

/** Gives the advice for an agent to another one, or removes it with what became of it. */
export async function moveAdvice(query: Query, move: Move, into: AgentName | undefined): Promise<void> {
  const { database, from, project } = move;
  const advice = database.table("advice");
  const { entries, events } = await adviceFor(query, move);
  if (entries.length === 0) return;
  if (into === undefined) {
    const gone = [...entries, ...events].map(({ seq }) => seq);
    await query(`DELETE FROM ${advice} WHERE project = $1 AND seq = ANY($2::bigint[])`, [project, gone]);
  } else {
    const named = entries.map(({ record }) => withOtherAgent(Buffer.from(record), from, into).toString());
    await query(
      `UPDATE ${advice} AS a SET record = n.record FROM unnest($2::bigint[], $3::text[]) AS n(seq, record) WHERE a.project = $1 AND a.seq = n.seq`,
      [project, entries.map(({ seq }) => seq), named],
    );
  }
  await query(`UPDATE ${database.table("optimizer")} SET changes = changes + 1 WHERE project = $1`, [project]);
}
