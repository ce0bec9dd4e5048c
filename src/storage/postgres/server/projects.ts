import * as z from "zod";
import type { Query } from "./driver.ts";

/** So many are listed: those at work last. */
const MOST_PROJECTS = 100;

/** How much of a project is on record. */
export interface ProjectFigures {
  readonly name: string;
  /** That have runs. */
  readonly agents: number;
  readonly runs: number;
  /** When a run was recorded last, by the clock of the server, in ms since 1970. */
  readonly lastChange: number | undefined;
}

const rowsSchema = z.array(
  z.object({ project: z.string(), agents: z.number(), runs: z.number(), changed_at: z.number().nullable() }),
);

/** The projects in a schema that have runs, as far as any client can open them. */
export async function projectsIn(query: Query, schema: string): Promise<readonly ProjectFigures[]> {
  const t = (name: string) => `"${schema}".${name}`;
  const rows = await query(
    `SELECT a.project, count(*) AS agents, sum((SELECT count(*) FROM ${t("runs")} r WHERE r.agent_id = a.agent_id))::double precision AS runs,
extract(epoch FROM max(a.runs_at))::double precision * 1000 AS changed_at
FROM ${t("agents")} a WHERE a.has_runs GROUP BY a.project ORDER BY max(a.runs_at) DESC NULLS LAST, a.project LIMIT ${MOST_PROJECTS}`,
  );
  return rowsSchema.parse(rows).map(({ agents, changed_at, project, runs }) => ({
    name: project,
    agents,
    runs,
    lastChange: changed_at ?? undefined,
  }));
}
