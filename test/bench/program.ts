import { createReadStream, writeSync } from "node:fs";
import { createJsonlStore } from "../../src/storage/jsonl/store.ts";
import { REVIEWER } from "../support/runs.ts";
import { appendRun } from "../support/single-calls.ts";
import { benchRun, freshId } from "./history.ts";
import { physicalAppend } from "./physical.ts";

/** What the benchmark measures in a process of its own. Arguments: the project's folder, what to do, how often. */
const [root = "", what = "", count = "1"] = process.argv.slice(2);

const notices: string[] = [];
const open = (retentionDays = 180) =>
  createJsonlStore({ projectRoot: root, retentionDays, now: Date.now, onNotice: (text) => notices.push(text) });

const say = (answer: unknown) => writeSync(1, `${JSON.stringify(answer)}\n`);

const programs: Record<string, () => Promise<void>> = {
  /** From the start of the process to the first acknowledgement. */
  async record() {
    const begun = performance.now();
    const { runs: executions } = open();
    await appendRun(executions, REVIEWER, benchRun(freshId(), Date.now(), 1));
    say({ ms: performance.now() - begun, notices });
  },
  /** The same process, doing no more than has to be done. */
  async physical() {
    physicalAppend(root)();
    say({});
  },
  async summary() {
    await open().runs.overview(REVIEWER);
    say({});
  },
  /** Memory after a record and many questions, when what was garbage is gone. */
  async memory() {
    const { runs: executions } = open();
    for (let round = 0; round < Number(count); round += 1) {
      await appendRun(executions, REVIEWER, benchRun(freshId(), Date.now(), round));
      await executions.overview(REVIEWER);
    }
    say({ residentBytes: process.memoryUsage().rss, peakBytes: process.resourceUsage().maxRSS * 1024 });
  },
  /** Takes out what is older than so many days; a run is recorded before, so that the index is there, and one after. */
  async prune() {
    const { runs: executions } = open(Number(count));
    await appendRun(executions, REVIEWER, benchRun(freshId(), Date.now(), 1));
    const begun = performance.now();
    const pruned = await executions.prune(REVIEWER);
    const ms = performance.now() - begun;
    const again = performance.now();
    await appendRun(executions, REVIEWER, benchRun(freshId(), Date.now(), 2));
    say({ ms, ...pruned, nextMs: performance.now() - again });
  },
  /** Waits for a sign, so that several begin together, and records as fast as one caller can. */
  async burst() {
    const { runs: executions } = open();
    say("ready");
    for await (const _ of createReadStream("", { fd: 0 })) break;
    for (let round = 0; round < Number(count); round += 1) {
      await appendRun(executions, REVIEWER, benchRun(freshId(), Date.now(), round));
    }
    say("done");
  },
};

await programs[what]?.();
