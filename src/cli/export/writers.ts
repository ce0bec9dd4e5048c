import type { ExecutionFilter } from "../../domain/run/filter.ts";
import type { OnUnread, UseRuns } from "../../kaizen/export.ts";
import type { Kaizen } from "../../kaizen/kaizen.ts";
import { BYTE_ORDER_MARK, type CsvForm, csvTable, OtherColumns } from "./csv.ts";
import { jsonLine } from "./jsonl.ts";
import type { Output } from "./output.ts";

/** Which runs are exported. */
export interface Selection {
  readonly kaizen: Kaizen;
  readonly agents: readonly string[];
  readonly filter: ExecutionFilter;
  /** Told what is done with how many runs so far. */
  readonly step: (what: string, runs: number) => void;
  /** Told of an agent that cannot be read; without it, one such ends the export. */
  readonly onUnread?: OnUnread;
}

/** Ends the walk early where nobody reads any more. */
class Enough extends Error {}

export interface Written {
  readonly runs: number;
  /** How many of them named another agent in their own line. */
  readonly renamed: number;
}

export async function writeJsonl(selection: Selection, output: Output): Promise<Written> {
  let renamed = 0;
  const runs = await scan(selection, "runs exported", async (agent, some) => {
    const lines = some.map((run) => jsonLine(agent, run));
    renamed += lines.filter(({ isRenamed }) => isRenamed).length;
    await output.write(lines.map(({ line }) => line).join(""));
    if (output.isDone()) throw new Enough();
  });
  return { runs, renamed };
}

/** Reads the history twice: its columns have to be known before the first line. */
export async function writeCsv(selection: Selection, output: Output, form: CsvForm): Promise<Written> {
  const others = new OtherColumns();
  await scan(selection, "runs searched for columns", async (_, runs) => {
    for (const { execution } of runs) others.add(execution.record);
  });
  const { header, row } = csvTable(others.chosen(), form);
  await output.write(`${BYTE_ORDER_MARK}${header}`);
  const runs = await scan(selection, "runs exported", async (agent, some) => {
    await output.write(some.map((run) => row(agent, run)).join(""));
    if (output.isDone()) throw new Enough();
  });
  return { runs, renamed: 0 };
}

/** Gives how many runs there were. `what` completes the progress: "… : 1200". */
export async function scan(
  { agents, filter, kaizen, onUnread, step }: Selection,
  what: string,
  use: UseRuns,
): Promise<number> {
  let count = 0;
  try {
    const using: UseRuns = async (agent, runs) => {
      await use(agent, runs);
      count += runs.length;
      step(what, count);
    };
    await kaizen.scan(agents, filter, using, onUnread);
  } catch (error) {
    if (!(error instanceof Enough)) throw error;
  }
  return count;
}
