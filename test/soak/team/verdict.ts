import pg from "pg";

/** What a machine was told is on record. */
export interface Acknowledged {
  readonly agent: string;
  readonly key: string;
  readonly id: string;
}

export interface Verdict {
  readonly counts: Record<string, number>;
  /** What was promised and not kept, in words; empty where everything was. */
  readonly problems: string[];
}

interface Outcome {
  readonly address: string;
  readonly project: string;
  readonly acknowledged: readonly Acknowledged[];
  /** What each machine shows, by the door. */
  readonly shown: readonly Readonly<Record<string, string>>[];
}

/** Holds what is in the tables, read without the store's help, against what the machines were told and what they show. */
export async function judge({ acknowledged, address, project, shown }: Outcome): Promise<Verdict> {
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  const { rows } = await client.query<{ agent: string; seq: string; record: string }>(
    "SELECT a.agent, r.seq, r.record FROM kaizen.runs r JOIN kaizen.agents a USING (agent_id) WHERE a.project = $1 ORDER BY r.seq",
    [project],
  );
  await client.end();
  const records = rows.map(({ agent, record, seq }) => ({ ...JSON.parse(record), agent, seq: Number(seq) }));
  const problems: string[] = [];
  const ids = new Map(records.map(({ agent, id, idempotency_key: key }) => [`${agent} ${key}`, id]));
  let lost = 0;
  for (const { agent, id, key } of acknowledged) {
    if (ids.get(`${agent} ${key}`) === id) continue;
    lost += 1;
    problems.push(`${key} of ${agent} was acknowledged as ${id}, and is ${ids.get(`${agent} ${key}`) ?? "not there"}`);
  }
  const doubled = records.length - ids.size;
  if (doubled > 0) problems.push(`${doubled} runs are there twice`);
  const agents = [...new Set(records.map(({ agent }) => agent))];
  for (const agent of agents) {
    const own = records.filter((one) => one.agent === agent);
    if (own.some(({ seq }, place) => seq !== place + 1)) problems.push(`the numbers of ${agent} have a gap`);
    const successes = own.filter(({ success }) => success).length;
    const { execution_count: runs, stats } = JSON.parse(shown[0]?.[`summary ${agent} --json`] ?? "{}");
    if (runs !== own.length || stats.success.successes !== successes)
      problems.push(
        `${agent} has ${own.length} runs, ${successes} successes; shown are ${runs}, ${stats.success.successes}`,
      );
  }
  const [first = {}, ...others] = shown;
  const doors = Object.keys(first);
  const differing = doors.filter((door) => others.some((other) => other[door] !== first[door]));
  for (const door of differing) problems.push(`the machines differ in ${door}`);
  return {
    counts: {
      "runs acknowledged": acknowledged.length,
      "runs in the tables": records.length,
      lost,
      doubled,
      "doors compared": doors.length,
      "doors that differ": differing.length,
    },
    problems,
  };
}
