import * as z from "zod";
import type { Query } from "../../../src/storage/postgres/server/driver.ts";
import { agentNamed } from "../../support/runs.ts";
import { figuresOf } from "./figures.ts";
import { openedAt } from "./opened.ts";

/** What a writer was told of a run. */
export interface Said {
  /** `kept`, `unsure`, `refused` or `wrong`. */
  readonly word: string;
  readonly id: string;
  readonly line: string;
}

export interface Verdict {
  readonly counts: Readonly<Record<string, number>>;
  readonly problems: readonly string[];
}

const runSchema = z.array(z.object({ agent: z.string(), seq: z.coerce.number(), id: z.string() }));
const agentSchema = z.array(z.object({ agent: z.string(), last_seq: z.coerce.number() }));

interface Judged {
  readonly address: string;
  readonly project: string;
  readonly said: readonly Said[];
  /** Of each process: an agent and its figures, in the order of the agents. */
  readonly figures: readonly (readonly string[])[];
}

/** Holds what writers were told against the rows themselves, and their figures against those of the rows. */
export async function judgeRows(query: Query, { address, figures, project, said }: Judged): Promise<Verdict> {
  const rows = runSchema.parse(
    await query(
      "SELECT a.agent, r.seq, r.id FROM kaizen.runs r JOIN kaizen.agents a ON a.agent_id = r.agent_id WHERE a.project = $1 ORDER BY a.agent, r.seq",
      [project],
    ),
  );
  const agents = agentSchema.parse(
    await query("SELECT agent, last_seq FROM kaizen.agents WHERE project = $1 ORDER BY agent", [project]),
  );
  const there = new Map<string, number>();
  for (const { id } of rows) there.set(id, (there.get(id) ?? 0) + 1);
  const of = (word: string) => said.filter((one) => one.word === word);
  const known = new Set(said.map(({ id }) => id));
  const expected = await figuresFromRows(query, { address, project, agents: agents.map(({ agent }) => agent) });
  return {
    counts: {
      "runs acknowledged": of("kept").length,
      "runs in the tables": rows.length,
      "told as unsure": of("unsure").length,
      "of those in the tables": of("unsure").filter(({ id }) => there.has(id)).length,
      "told as not recorded": of("refused").length,
    },
    problems: [
      ...of("wrong").map(({ line }) => line),
      ...of("kept").flatMap(({ id }) => (there.has(id) ? [] : [`${id} was acknowledged, and is not there`])),
      ...of("refused").flatMap(({ id }) => (there.has(id) ? [`${id} is there, and was told as not recorded`] : [])),
      ...[...there].flatMap(([id, times]) => (times > 1 ? [`${id} is there ${times} times`] : [])),
      ...[...there.keys()].flatMap((id) => (known.has(id) ? [] : [`${id} is there, and no writer speaks of it`])),
      ...agents.flatMap(({ agent, last_seq }) => {
        const numbers = rows.filter((row) => row.agent === agent).map(({ seq }) => seq);
        const isWhole = numbers.length === last_seq && numbers.every((seq, index) => seq === index + 1);
        return isWhole ? [] : [`the numbers of ${agent} have a gap`];
      }),
      ...figures.flatMap((ofOne, index) =>
        JSON.stringify(ofOne) === JSON.stringify(expected) ? [] : [`process ${index} has other figures than the rows`],
      ),
    ],
  };
}

/** Folded anew from the rows, of which nothing is known yet. */
async function figuresFromRows(
  query: Query,
  { address, agents, project }: { address: string; project: string; agents: readonly string[] },
): Promise<string[]> {
  await query("DELETE FROM kaizen.folds WHERE agent_id IN (SELECT agent_id FROM kaizen.agents WHERE project = $1)", [
    project,
  ]);
  const { runs } = openedAt(address, project);
  const expected: string[] = [];
  for (const agent of agents) expected.push(`${agent} ${figuresOf(await runs.overview(agentNamed(agent)))}`);
  await runs.close();
  return expected;
}
