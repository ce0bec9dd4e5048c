import { loadavg } from "node:os";
import pg from "pg";
import { upgrade } from "../../../src/storage/postgres/server/upgrade.ts";
import { bundleProgram } from "../../support/bundle.ts";
import { PostgresServer } from "../../support/postgres/server.ts";
import { REVIEWER } from "../../support/runs.ts";
import { temporaryProject } from "../history.ts";
import { inMs, type Measured, measureInTurns, median, times } from "../measure.ts";
import { physicalAppend } from "../physical.ts";
import { type Started, start } from "../processes.ts";
import type { Row } from "../table.ts";
import { programAsBuilt } from "./as-built.ts";
import { aDisk, type Disk } from "./disk.ts";
import { distanceTo } from "./distance.ts";

/** How often; the machine decides how long it takes. */
const RECORDS = 800;
const SUMMARIES = 300;
const FRESH_ROUNDS = 15;
const CALLERS_ROUNDS = 7;
const BURST_ROUNDS = 3;
const PROCESSES = 8;
const EACH = 100;
const ONE_WAY_MS = 10;

const inThousands = (count: number) => count.toLocaleString("en");
const perSecond = (rate: number) => `${inThousands(Math.round(rate))} a second`;

/** The team's store on a real server of its own, which flushes to a disk. `runs`: how long its long history is. */
export async function benchTeam(runs: number): Promise<Row[]> {
  const disk = aDisk();
  const server = await PostgresServer.start({ settings: { fsync: "on" }, within: disk.folder });
  if (server === undefined)
    return [{ what: "the team's store", figure: "no server for this platform", against: "", ratio: "" }];
  const program = bundleProgram(new URL("./program.ts", import.meta.url));
  const fresh = await programAsBuilt(new URL("./fresh-program.ts", import.meta.url));
  const client = new pg.Client({ connectionString: server.address() });
  client.on("error", () => {});
  try {
    await client.connect();
    const { rows } = await client.query("SHOW server_version");
    await upgrade(async (text, values = []) => (await client.query(text, [...values])).rows, "kaizen");
    const bench: TeamBench = {
      client,
      runs,
      ask: (address, ...args) => answerOf(begin(program.path, address, args)),
      askFresh: (address, ...args) => answerOf(begin(fresh.path, address, args)),
      begin: (address, ...args) => begin(program.path, address, args),
      server,
    };
    const before = loadNow();
    const measured = [...(await costRows(bench)), ...(await callersRows(bench)), ...(await distanceRows(bench))];
    const where: Row = {
      what: "the server",
      figure: `PostgreSQL ${rows[0]?.server_version}`,
      against: `on ${disk.name}, with fsync and synchronous_commit; write + fdatasync there: ${inMs(await flushMs(disk))}; load of this machine before: ${before}, after: ${loadNow()}`,
      ratio: "",
    };
    return [where, ...measured];
  } finally {
    await client.end();
    await server.remove();
    program.remove();
    fresh.remove();
  }
}

/** How many processes wanted a processor, over the last minute. */
const loadNow = () => (loadavg()[0] ?? 0).toFixed(1);

async function flushMs({ folder }: Disk): Promise<number> {
  const place = temporaryProject(folder);
  const { flush } = await measureInTurns({ flush: physicalAppend(place.root) }, { count: 200, warmUp: 20 });
  place.remove();
  return flush.medianMs;
}

interface TeamBench {
  readonly server: PostgresServer;
  readonly client: pg.Client;
  /** How long the long history is. */
  readonly runs: number;
  /** What a process of its own says that is given this address. */
  ask(address: string, ...args: readonly string[]): Promise<unknown>;
  /** The same of one that is as built, and has just begun. */
  askFresh(address: string, ...args: readonly string[]): Promise<unknown>;
  begin(address: string, ...args: readonly string[]): Started;
}

async function answerOf(started: Started): Promise<unknown> {
  const answer: unknown = JSON.parse(await started.line());
  await started.exit();
  return answer;
}

function begin(program: string, address: string, args: readonly string[]): Started {
  return start([program, ...args], { env: { PATH: process.env.PATH, BENCH_STORE: address } });
}

/** One record, and one summary, with a long history and with none. */
async function costRows({ ask, askFresh, client, runs, server }: TeamBench): Promise<Row[]> {
  const address = server.address();
  const begun = performance.now();
  await ask(address, "fill", "cost/many", String(runs));
  const filledMs = performance.now() - begun;
  // As after some quiet hours: what is to be looked after was, and none of it falls on what is measured.
  await client.query("VACUUM ANALYZE");
  await client.query("CHECKPOINT");
  const cost = (await ask(address, "record", "cost", String(RECORDS))) as Figures<
    "bare" | "record" | "bareWithKey" | "recordWithKey" | "recordOfMany"
  >;
  const seen = (await ask(address, "summary", "cost", String(SUMMARIES))) as Figures<
    "select" | "none" | "many" | "counters"
  >;
  const fresh = { summary: [] as number[], counters: [] as number[], connect: [] as number[] };
  for (let round = 0; round < FRESH_ROUNDS; round += 1) {
    const { countersMs, ms } = (await askFresh(address, "summary", "cost/many", REVIEWER)) as Record<
      "ms" | "countersMs",
      number
    >;
    fresh.summary.push(ms);
    fresh.counters.push(countersMs);
    fresh.connect.push(((await askFresh(address, "connect")) as { ms: number }).ms);
  }
  const [summary, counters, connect] = [median(fresh.summary), median(fresh.counters), median(fresh.connect)];
  const at = `at ${inThousands(runs)} runs`;
  const against = (bare: Measured, reach: string) => `a bare INSERT of the same row: ${inMs(bare.medianMs)}; ${reach}`;
  return [
    {
      what: "one record, at 0 runs, warm",
      figure: inMs(cost.record.medianMs),
      against: against(cost.bare, "reach: 1.6 x"),
      ratio: times(cost.record.medianMs / cost.bare.medianMs),
    },
    {
      what: "the same with an idempotency key",
      figure: inMs(cost.recordWithKey.medianMs),
      against: against(cost.bareWithKey, "reach: 1.9 x"),
      ratio: times(cost.recordWithKey.medianMs / cost.bareWithKey.medianMs),
    },
    {
      what: `one record, ${at}, warm`,
      figure: inMs(cost.recordOfMany.medianMs),
      against: `at 0 runs, in turns with it: ${inMs(cost.record.medianMs)}; reach: 1.3 x`,
      ratio: times(cost.recordOfMany.medianMs / cost.record.medianMs),
    },
    {
      what: `a summary with its verdicts, ${at}, warm`,
      figure: inMs(seen.many.medianMs),
      against: `at ${inThousands(2 * RECORDS * 2)}: ${inMs(seen.none.medianMs)}; its counters alone: ${inMs(seen.counters.medianMs)}; \`SELECT\` of nothing: ${inMs(seen.select.medianMs)}; reach: 4 ms`,
      ratio: times(seen.many.medianMs / seen.none.medianMs),
    },
    {
      what: `the first summary of a process as built, ${at}, beside a connect`,
      figure: inMs(summary - connect),
      against: `in all: ${inMs(summary)}; until the counters: ${inMs(counters)}; to load a driver, connect and \`SELECT\` nothing: ${inMs(connect)}; reach: 25 ms`,
      ratio: times(summary / connect),
    },
    {
      what: `recording ${inThousands(runs)} runs, 2,000 in a call`,
      figure: perSecond((runs / filledMs) * 1000),
      against: "",
      ratio: "",
    },
  ];
}

async function callersRows({ ask, server }: TeamBench): Promise<Row[]> {
  const rates = (await ask(server.address(), "callers", "callers", String(CALLERS_ROUNDS))) as Record<
    "one" | "many",
    number
  >;
  return [
    {
      what: "records, 64 concurrent callers of one process",
      figure: perSecond(rates.many),
      against: `one caller: ${perSecond(rates.one)}; reach: 7 x`,
      ratio: times(rates.many / rates.one),
    },
  ];
}

/** Eight processes far from the server, which all record for one agent. */
async function distanceRows({ begin, client, server }: TeamBench): Promise<Row[]> {
  const distance = await distanceTo(server.port, ONE_WAY_MS);
  const far = server.address().replace(`:${server.port}/`, `:${distance.port}/`);
  const rates = { one: [] as number[], eight: [] as number[] };
  let exact = true;
  for (let round = 0; round < BURST_ROUNDS; round += 1) {
    for (const [name, crew] of [
      ["one", 1],
      ["eight", PROCESSES],
    ] as const) {
      const project = `distance/${name}/${round}`;
      const ms = await burst(Array.from({ length: crew }, () => begin(far, "burst", project, String(EACH))));
      rates[name].push(((crew * EACH) / ms) * 1000);
      // Each process has recorded one to begin with.
      exact &&= await isExact(client, project, crew * (EACH + 1));
    }
  }
  const trips: number[] = [];
  const traveller = new pg.Client({ connectionString: far });
  await traveller.connect();
  for (let trip = 0; trip < 20; trip += 1) {
    const begun = performance.now();
    await traveller.query("SELECT $1::text", ["nothing"]);
    trips.push(performance.now() - begun);
  }
  await traveller.end();
  distance.close();
  return [
    {
      what: `records, ${PROCESSES} processes for one agent, ${2 * ONE_WAY_MS} ms away (${exact ? "each id once, numbers without a gap" : "NOT each there once"})`,
      figure: perSecond(median(rates.eight)),
      against: `one process: ${perSecond(median(rates.one))}; a round trip: ${inMs(median(trips))}; reach: 250 a second`,
      ratio: times(median(rates.eight) / median(rates.one)),
    },
  ];
}

/** How long it takes all of them, in ms. */
async function burst(crew: readonly Started[]): Promise<number> {
  for (const { line } of crew) await line();
  const begun = performance.now();
  for (const { child } of crew) child.stdin?.write("go\n");
  for (const { line } of crew) await line();
  const ms = performance.now() - begun;
  for (const { child, exit } of crew) {
    child.stdin?.destroy();
    await exit();
  }
  return ms;
}

/** Whether so many runs are there, each id once, with numbers that leave none out. */
async function isExact(client: pg.Client, project: string, count: number): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT count(*)::int AS runs, count(DISTINCT id)::int AS ids, min(seq)::int AS first, max(seq)::int AS last, max(a.last_seq)::int AS given
FROM kaizen.runs r JOIN kaizen.agents a USING (agent_id) WHERE a.project = $1`,
    [project],
  );
  const { first, given, ids, last, runs } = rows[0];
  return first === 1 && [given, ids, last, runs].every((each) => each === count);
}

type Figures<Name extends string> = Record<Name, Measured>;
