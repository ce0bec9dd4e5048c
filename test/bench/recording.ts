import { readOut } from "../../src/kaizen/figures/agent-summary.ts";
import { createJsonlStore } from "../../src/storage/jsonl/store.ts";
import { REVIEWER } from "../support/runs.ts";
import { appendRun } from "../support/single-calls.ts";
import { benchRun, freshId, temporaryProject, writeHistory } from "./history.ts";
import { inMs, type Measured, measureInTurns, median, times } from "./measure.ts";
import { physicalAppend } from "./physical.ts";
import { runToFirstLine, start } from "./processes.ts";
import type { Row } from "./table.ts";

export interface Bench {
  /** The bundled `program.ts`. */
  readonly program: string;
  readonly sizes: readonly number[];
}

/** A history that retention does not touch, and one of which it takes a tenth, through the middle of a day. */
const WITHIN_RETENTION_DAYS = 100;
const BEYOND_RETENTION_DAYS = 200;
const START_ROUNDS = 15;

/** A process is warm when its code has been compiled for good; one that serves an agent may never get there. */
export const WARM_RECORDS = 3_000;
const FIRST_RECORDS = 100;

function openStore(root: string) {
  return createJsonlStore({ projectRoot: root, retentionDays: 180, now: Date.now, onNotice: () => {} }).runs;
}

/** A project with a history whose index is there, as an earlier process would have left it. */
async function projectWithHistory(runs: number, days: number): Promise<ReturnType<typeof temporaryProject>> {
  const project = temporaryProject();
  if (runs > 0) {
    writeHistory(project.root, runs, days);
    const store = openStore(project.root);
    await appendRun(store, REVIEWER, benchRun(freshId(), Date.now(), 1));
    await store.close();
  }
  return project;
}

/** One durable record and one summary at each size of the history, warm, and from the start of a process. */
export async function benchRecording({ program, sizes }: Bench): Promise<Row[]> {
  const rows: Row[] = [];
  const empty = await projectWithHistory(0, WITHIN_RETENTION_DAYS);
  const histories = [
    ...sizes.map((runs) => ({ runs, days: WITHIN_RETENTION_DAYS, note: "" })),
    { runs: sizes.at(-1) ?? 0, days: BEYOND_RETENTION_DAYS, note: ", a tenth of them expired" },
  ];
  for (const { runs, days, note } of histories) {
    const project = await projectWithHistory(runs, days);
    const store = openStore(project.root);
    // Beside it, one that began with nothing: in the same turns, so that both have the same machine.
    const beside = temporaryProject();
    const besideStore = openStore(beside.root);
    const at = `at ${runs.toLocaleString("en")} runs${note}`;
    let ordinal = 0;
    const works = {
      physical: physicalAppend(project.root),
      record: () => appendRun(store, REVIEWER, benchRun(freshId(), Date.now(), ++ordinal)),
      recordBeside: () => appendRun(besideStore, REVIEWER, benchRun(freshId(), Date.now(), ordinal)),
      overview: () => store.overview(REVIEWER),
      summary: async () => readOut(REVIEWER, await store.overview(REVIEWER), {}),
    };
    const first = await measureInTurns(works, { count: FIRST_RECORDS, warmUp: 0 });
    const warm = await measureInTurns(works, { count: 300, warmUp: WARM_RECORDS - FIRST_RECORDS });
    if (runs === 0) rows.push(recordRow(`${at}, the first ${FIRST_RECORDS} of a process`, first));
    rows.push(recordRow(`${at}, warm`, warm));
    if (runs > 0) {
      rows.push({
        what: `the same, ${at}, warm`,
        figure: inMs(warm.record.medianMs),
        against: `where there were none, in turns with it: ${inMs(warm.recordBeside.medianMs)}`,
        ratio: times(warm.record.medianMs / warm.recordBeside.medianMs),
      });
    }
    rows.push({
      what: `a summary with its verdicts, ${at}, warm`,
      figure: inMs(warm.summary.medianMs),
      against: `reach: 2 ms; one durable record: ${inMs(warm.record.medianMs)}; the summary's counters alone: ${inMs(warm.overview.medianMs)}`,
      ratio: times(warm.summary.medianMs / warm.record.medianMs),
    });
    const fresh = { here: [] as number[], empty: [] as number[], bare: [] as number[] };
    for (let round = 0; round < START_ROUNDS; round += 1) {
      fresh.here.push((await runToFirstLine([program, project.root, "record"])).ms);
      fresh.empty.push((await runToFirstLine([program, empty.root, "record"])).ms);
      fresh.bare.push((await runToFirstLine([program, empty.root, "physical"])).ms);
    }
    rows.push({
      what: `process start to acknowledgement, ${at}`,
      figure: inMs(median(fresh.here)),
      against: `with next to no history: ${inMs(median(fresh.empty))}; the process alone with one write + fdatasync: ${inMs(median(fresh.bare))}`,
      ratio: times(median(fresh.here) / median(fresh.empty)),
    });
    await store.close();
    project.remove();
    await besideStore.close();
    beside.remove();
  }
  empty.remove();
  return rows;
}

function recordRow(what: string, { record, physical }: Record<"record" | "physical", Measured>): Row {
  return {
    what: `one durable record, ${what}`,
    figure: inMs(record.medianMs),
    against: `write + fdatasync of the same bytes: ${inMs(physical.medianMs)}`,
    ratio: times(record.medianMs / physical.medianMs),
  };
}

/** Many callers in one process, and many processes with one caller each. */
export async function benchConcurrency({ program }: Bench): Promise<Row[]> {
  const project = temporaryProject();
  const store = openStore(project.root);
  const record = () => appendRun(store, REVIEWER, benchRun(freshId(), Date.now(), 1));
  const repeat = async (count: number, work: () => unknown) => {
    for (let index = 0; index < count; index += 1) await work();
  };
  const write = physicalAppend(project.root);
  const { physical, one, many } = await measureInTurns(
    {
      physical: () => repeat(100, write),
      one: () => repeat(100, record),
      many: () => Promise.all(Array.from({ length: 64 }, () => repeat(10, record))),
    },
    { count: 15, warmUp: 3 },
  );
  await store.close();
  project.remove();
  const rate = (count: number, ms: number) => (count / ms) * 1000;
  const perSecond = (figure: number) => `${Math.round(figure).toLocaleString("en")} a second`;
  const [alone, together] = [rate(100, one.medianMs), rate(640, many.medianMs)];
  const rows: Row[] = [
    {
      what: "durable records, one caller",
      figure: perSecond(alone),
      against: `write + fdatasync, one after the other: ${perSecond(rate(100, physical.medianMs))}`,
      ratio: times(alone / rate(100, physical.medianMs)),
    },
    {
      what: "durable records, 64 concurrent callers",
      figure: perSecond(together),
      against: `one caller: ${perSecond(alone)}`,
      ratio: times(together / alone),
    },
  ];

  // Those that take turns wait for nobody: what they lose to one process is what each has to read of the others.
  const crews = { one: 1, eight: 8, inTurn: 8 } as const;
  const rates = { one: [] as number[], eight: [] as number[], inTurn: [] as number[] };
  let exact = true;
  for (let round = 0; round < 5; round += 1) {
    for (const name of ["one", "eight", "inTurn"] as const) {
      const { ms, found } = await burst(program, crews[name], 200, { together: name !== "inTurn" });
      rates[name].push(rate(crews[name] * 200, ms));
      exact &&= found === crews[name] * 200;
    }
  }
  rows.push({
    what: `durable records, 8 processes (${exact ? "0 lost, 0 doubled" : "NOT each there once"})`,
    figure: perSecond(median(rates.eight)),
    against: `one process: ${perSecond(median(rates.one))}; the eight one after the other: ${perSecond(median(rates.inTurn))}`,
    ratio: times(median(rates.eight) / median(rates.one)),
  });
  return rows;
}

/** So many processes record on a fresh project; gives the time, and how many different runs are there after. */
async function burst(
  program: string,
  processes: number,
  each: number,
  { together }: { together: boolean },
): Promise<{ ms: number; found: number }> {
  const project = temporaryProject();
  const children = Array.from({ length: processes }, () => start([program, project.root, "burst", String(each)]));
  for (const child of children) await child.line();
  const begun = performance.now();
  for (const { child, line } of children) {
    child.stdin?.write("go\n");
    if (!together) await line();
  }
  if (together) for (const child of children) await child.line();
  const ms = performance.now() - begun;
  for (const { child } of children) child.stdin?.destroy();
  for (const child of children) await child.exit();
  const { executions } = await openStore(project.root).page(REVIEWER, { filter: {}, limit: 1_000_000 });
  const found = executions.length === new Set(executions.map(({ id }) => id)).size ? executions.length : -1;
  project.remove();
  return { ms, found };
}
