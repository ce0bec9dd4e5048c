import type { ExecutionFilter } from "../../domain/filter.ts";
import type { Kaizen } from "../../kaizen.ts";
import { BYTE_ORDER_MARK, csvTable, OtherColumns } from "./csv.ts";
import { jsonLine } from "./jsonl.ts";
import type { Output } from "./output.ts";

/** Which runs are exported. */
export interface Selection {
  readonly kaizen: Kaizen;
  readonly agents: readonly string[];
  readonly filter: ExecutionFilter;
  /** Told how many runs are done. */
  readonly step: (runs: number) => void;
}

/** Ends the walk early where nobody reads any more. */
class Enough extends Error {}

export async function writeJsonl(selection: Selection, output: Output): Promise<number> {
  return walk(selection, async (agent, runs) => {
    await output.write(runs.map((run) => jsonLine(agent, run)).join(""));
    if (output.isDone()) throw new Enough();
  });
}

/** Reads the history twice: its columns have to be known before the first line. */
export async function writeCsv(selection: Selection, output: Output): Promise<number> {
  const others = new OtherColumns();
  await walk({ ...selection, step: () => {} }, async (_, runs) => {
    for (const { execution } of runs) others.add(execution.record);
  });
  const { header, row } = csvTable(others.chosen());
  await output.write(`${BYTE_ORDER_MARK}${header}`);
  return walk(selection, async (agent, runs) => {
    await output.write(runs.map((run) => row(agent, run)).join(""));
    if (output.isDone()) throw new Enough();
  });
}

/** Gives how many runs there were. */
export async function walk(
  { agents, filter, kaizen, step }: Selection,
  use: Parameters<Kaizen["walk"]>[2],
): Promise<number> {
  let count = 0;
  try {
    await kaizen.walk(agents, filter, async (agent, runs) => {
      await use(agent, runs);
      count += runs.length;
      step(count);
    });
  } catch (error) {
    if (!(error instanceof Enough)) throw error;
  }
  return count;
}
