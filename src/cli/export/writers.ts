import type { ExecutionFilter } from "../../domain/run/filter.ts";
import { evidenceOf, type OnUnread, type RunsOfAgent } from "../../kaizen/export.ts";
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

export interface Written {
  readonly runs: number;
  /** How many of them named another agent in their own line. */
  readonly renamed: number;
}

export async function writeJsonl(selection: Selection, output: Output): Promise<Written> {
  let renamed = 0;
  let count = 0;
  for await (const { agent, runs } of scan(selection, "runs exported")) {
    const lines = runs.map((run) => jsonLine(agent, run));
    renamed += lines.filter(({ isRenamed }) => isRenamed).length;
    count += runs.length;
    await output.write(lines.map(({ line }) => line).join(""));
    if (output.isDone()) break;
  }
  return { runs: count, renamed };
}

/** Reads the history twice: its columns have to be known before the first line. */
export async function writeCsv(selection: Selection, output: Output, form: CsvForm): Promise<Written> {
  const others = new OtherColumns();
  for await (const some of scan(selection, "runs searched for columns")) {
    for (const run of some.runs) others.addRun(run, evidenceOf(run, some));
  }
  const { header, row } = csvTable(others.chosen(), form);
  await output.write(`${BYTE_ORDER_MARK}${header}`);
  let count = 0;
  for await (const some of scan(selection, "runs exported")) {
    const { agent, runs } = some;
    count += runs.length;
    await output.write(runs.map((run) => row(agent, run, evidenceOf(run, some))).join(""));
    if (output.isDone()) break;
  }
  return { runs: count, renamed: 0 };
}

/** The runs that are meant. `what` completes the progress: "… : 1200". */
export async function* scan(
  { agents, filter, kaizen, onUnread, step }: Selection,
  what: string,
): AsyncGenerator<RunsOfAgent> {
  let count = 0;
  for await (const some of kaizen.scan(agents, filter, onUnread)) {
    yield some;
    count += some.runs.length;
    step(what, count);
  }
}
