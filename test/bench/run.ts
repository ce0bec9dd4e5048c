import { cpus, release, totalmem, type } from "node:os";
import { parseArgs } from "node:util";
import { bundleProgram } from "../support/bundle.ts";
import { benchFirstPaint, benchHistoryShown, benchOverview } from "./dashboard.ts";
import { benchBackfill, benchStopHook } from "./evidence.ts";
import { benchHolding, benchManyAgents, benchPruning } from "./holding.ts";
import { benchPeers } from "./peers.ts";
import { type Bench, benchConcurrency, benchRecording, WARM_RECORDS } from "./recording.ts";
import { benchStartUp } from "./start-up.ts";
import { printTable, type Row } from "./table.ts";
import { benchTeam } from "./team/team.ts";

/**
 * `npm run bench` takes some minutes; `npm run bench -- --quick` stops at 10,000 runs, and `npm run bench -- dashboard`
 * makes the tables of these names only. `--team-runs 100000` makes the long history of the team's store so long.
 */
const { positionals: chosen, values } = parseArgs({
  options: { quick: { type: "boolean", default: false }, "team-runs": { type: "string" } },
  allowPositionals: true,
});
const sizes = values.quick ? [0, 10_000] : [0, 10_000, 100_000, 1_000_000];

const program = bundleProgram(new URL("./program.ts", import.meta.url));
const bench: Bench = { program: program.path, sizes };
const tables: Readonly<Record<string, { title: string; make(): Promise<Row[]> }>> = {
  recording: { title: "Recording and summing up", make: () => benchRecording(bench) },
  many: { title: "Many at once", make: () => benchConcurrency(bench) },
  history: {
    title: "What a history costs",
    make: async () => [...(await benchHolding(bench)), ...(await benchPruning(bench))],
  },
  agents: { title: "Many agents", make: benchManyAgents },
  starting: { title: "Starting", make: benchStartUp },
  evidence: {
    title: "Evidence",
    make: async () => [...(await benchStopHook()), ...(await benchBackfill(values.quick ? 20 : 100))],
  },
  dashboard: {
    title: "The dashboard",
    make: async () => [...(await benchOverview()), ...(await benchHistoryShown(bench)), ...(await benchFirstPaint())],
  },
  team: {
    title: "The team's store",
    make: () => benchTeam(Number(values["team-runs"] ?? sizes.at(-1))),
  },
  others: { title: "Others", make: () => benchPeers(bench) },
};
const unknown = chosen.find((name) => !(name in tables));
if (unknown !== undefined) throw new Error(`there is no table ${unknown}; there are ${Object.keys(tables).join(", ")}`);
try {
  const processors = cpus();
  const machine = `${processors.length} x ${processors[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, ${type()} ${release()}, Node ${process.version}`;
  process.stdout.write(
    `Taken on ${machine}. Medians; what is compared was measured in turns. "Warm" is a process that has made\n` +
      `${WARM_RECORDS.toLocaleString("en")} records before the first that counts. Every record is flushed to disk before it is acknowledged; a line has about 200 bytes.\n`,
  );
  for (const [name, { make, title }] of Object.entries(tables)) {
    if (chosen.length === 0 || chosen.includes(name)) printTable(title, await make());
  }
} finally {
  program.remove();
}
