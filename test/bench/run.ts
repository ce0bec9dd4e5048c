import { cpus, release, totalmem, type } from "node:os";
import { parseArgs } from "node:util";
import { bundleProgram } from "../support/bundle.ts";
import { benchBackfill, benchStopHook } from "./evidence.ts";
import { benchHolding, benchManyAgents, benchPruning, benchServerStart } from "./holding.ts";
import { benchPeers } from "./peers.ts";
import { type Bench, benchConcurrency, benchRecording, WARM_RECORDS } from "./recording.ts";
import { benchStartUp } from "./start-up.ts";
import { printTable } from "./table.ts";

/** `npm run bench` takes some minutes; `npm run bench -- --quick` stops at 10,000 runs. */
const { values } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
const sizes = values.quick ? [0, 10_000] : [0, 10_000, 100_000, 1_000_000];

const program = bundleProgram(new URL("./program.ts", import.meta.url));
const bench: Bench = { program: program.path, sizes };
try {
  const processors = cpus();
  const machine = `${processors.length} x ${processors[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, ${type()} ${release()}, Node ${process.version}`;
  process.stdout.write(
    `Taken on ${machine}. Medians; what is compared was measured in turns. "Warm" is a process that has made\n` +
      `${WARM_RECORDS.toLocaleString("en")} records before the first that counts. Every record is flushed to disk before it is acknowledged; a line has about 200 bytes.\n`,
  );
  printTable("Recording and summing up", await benchRecording(bench));
  printTable("Many at once", await benchConcurrency(bench));
  printTable("What a history costs", [...(await benchHolding(bench)), ...(await benchPruning(bench))]);
  printTable("Many agents, and starting", [
    ...(await benchManyAgents()),
    ...(await benchServerStart()),
    ...(await benchStartUp()),
  ]);
  printTable("Evidence", [...(await benchStopHook()), ...(await benchBackfill(values.quick ? 20 : 100))]);
  printTable("Others", await benchPeers(bench));
} finally {
  program.remove();
}
