import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { Kaizen } from "../../src/kaizen/kaizen.ts";
import { createJsonlStore } from "../../src/storage/jsonl/store.ts";
import { logPath } from "../support/foreign-writer.ts";
import { REVIEWER } from "../support/runs.ts";
import { appendRun } from "../support/single-calls.ts";
import { benchRun, freshId, temporaryProject, writeHistory } from "./history.ts";
import { inMs, measureInTurns, median, times } from "./measure.ts";
import { physicalAppend, physicalRewrite } from "./physical.ts";
import { runToFirstLine } from "./processes.ts";
import type { Bench } from "./recording.ts";
import type { Row } from "./table.ts";

const inMegabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

/** Memory with the largest history against none, and what it takes to make a lost index again. */
export async function benchHolding({ program, sizes }: Bench): Promise<Row[]> {
  const runs = sizes.at(-1) ?? 0;
  const [full, empty] = [temporaryProject(), temporaryProject()];
  writeHistory(full.root, runs, 100);
  const rebuilds: number[] = [];
  let notices: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    rmSync(join(dirname(logPath(full.root, REVIEWER)), ".index"), { recursive: true, force: true });
    const { line } = await runToFirstLine([program, full.root, "record"]);
    const answer = JSON.parse(line) as { ms: number; notices: string[] };
    rebuilds.push(answer.ms);
    notices = answer.notices;
  }
  const memory = { full: [] as number[], empty: [] as number[], fullPeak: [] as number[], emptyPeak: [] as number[] };
  for (let round = 0; round < 5; round += 1) {
    for (const [name, { root }] of [
      ["full", full],
      ["empty", empty],
    ] as const) {
      const { line } = await runToFirstLine([program, root, "memory", "200"]);
      const answer = JSON.parse(line) as { residentBytes: number; peakBytes: number };
      memory[name].push(answer.residentBytes);
      memory[`${name}Peak`].push(answer.peakBytes);
    }
  }
  const at = `at ${runs.toLocaleString("en")} runs`;
  const rows = [
    {
      what: `first record after the index was lost, ${at}`,
      figure: inMs(median(rebuilds)),
      against: `said on the way: ${notices.length === 0 ? "nothing" : `"${notices[0]?.replaceAll(full.root, "…")}"`}`,
      ratio: "",
    },
    ...(["", "Peak"] as const).map((peak) => ({
      what: `${peak === "" ? "resident" : "peak"} memory after 200 records and summaries, ${at}`,
      figure: inMegabytes(median(memory[`full${peak}`])),
      against: `with an empty history: ${inMegabytes(median(memory[`empty${peak}`]))}`,
      ratio: times(median(memory[`full${peak}`]) / median(memory[`empty${peak}`])),
    })),
  ];
  full.remove();
  empty.remove();
  return rows;
}

/** Taking a tenth of the largest history out, again and again: under the lock, so that others wait for it. */
export async function benchPruning({ program, sizes }: Bench): Promise<Row[]> {
  const runs = sizes.at(-1) ?? 0;
  const project = temporaryProject();
  writeHistory(project.root, runs, 200);
  // With nothing to take out yet, so that the index is there.
  await runToFirstLine([program, project.root, "prune", "201"]);
  const figures = { pruned: [] as number[], next: [] as number[], copied: [] as number[] };
  for (const days of [180, 160, 140]) {
    figures.copied.push(physicalRewrite(project.root));
    const answer: { ms: number; nextMs: number } = JSON.parse(
      (await runToFirstLine([program, project.root, "prune", String(days)])).line,
    );
    figures.pruned.push(answer.ms);
    figures.next.push(answer.nextMs);
  }
  project.remove();
  return [
    {
      what: `taking a tenth out, at ${runs.toLocaleString("en")} runs`,
      figure: inMs(median(figures.pruned)),
      against: `copying the log, flushed: ${inMs(median(figures.copied))}; the next record after it: ${inMs(median(figures.next))}`,
      ratio: times(median(figures.pruned) / median(figures.copied)),
    },
  ];
}

/** A project of a thousand agents with ten runs each: the list of all of them, and a record of one. */
export async function benchManyAgents(): Promise<Row[]> {
  const project = temporaryProject();
  for (let agent = 0; agent < 1000; agent += 1) writeHistory(project.root, 10, 10, `agent-${agent}`);
  const settings = { projectRoot: project.root, retentionDays: 180, now: Date.now, onNotice: () => {} };
  const store = createJsonlStore(settings);
  const kaizen = (of: typeof store) =>
    new Kaizen({ store: of, now: Date.now, randomHex: () => freshId().slice(4), retentionDays: 180 });
  let ordinal = 0;
  const { list, firstList } = await measureInTurns(
    {
      list: () => kaizen(store).listAgents(),
      firstList: () => kaizen(createJsonlStore(settings)).listAgents(),
    },
    { count: 7, warmUp: 1 },
  );
  const { record, physical } = await measureInTurns(
    {
      physical: physicalAppend(project.root),
      record: () => appendRun(store.runs, REVIEWER, benchRun(freshId(), Date.now(), ++ordinal)),
    },
    { count: 200, warmUp: 50 },
  );
  project.remove();
  return [
    {
      what: "list of 1,000 agents with their figures, warm",
      figure: inMs(list.medianMs),
      against: `by a store that was just opened: ${inMs(firstList.medianMs)}`,
      ratio: times(list.medianMs / firstList.medianMs),
    },
    {
      what: "one durable record among 1,000 agents, warm",
      figure: inMs(record.medianMs),
      against: `write + fdatasync of the same bytes: ${inMs(physical.medianMs)}`,
      ratio: times(record.medianMs / physical.medianMs),
    },
  ];
}
