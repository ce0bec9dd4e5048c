import { writeSync } from "node:fs";
import { parseAgentName } from "../../../src/domain/run/agent-name.ts";
import { readOut } from "../../../src/kaizen/figures/agent-summary.ts";
import { openStore } from "../../../src/storage/open.ts";
import { parseAddress } from "../../../src/storage/postgres/server/url.ts";

/**
 * What a process takes that has just begun: its first summary, and the least that it takes any process to connect. Both
 * load their driver in the time that is measured. Arguments: which of them, the project, and the agent; `BENCH_STORE` is
 * the address of the server.
 */
const [what = "", project = "", name = ""] = process.argv.slice(2);
const address = process.env.BENCH_STORE ?? "";

const programs: Readonly<Record<string, () => Promise<object>>> = {
  async summary() {
    const agent = parseAgentName(name);
    const settings = {
      address: parseAddress(address),
      project,
      passwordSource: () => undefined,
      retentionDays: 180,
      now: Date.now,
      onNotice: () => {},
    };
    const begun = performance.now();
    const overview = await openStore(settings).runs.overview(agent);
    const countersMs = performance.now() - begun;
    readOut(agent, overview, {});
    return { ms: performance.now() - begun, countersMs };
  },
  async connect() {
    const begun = performance.now();
    const { default: pg } = await import("pg");
    const client = new pg.Client({ connectionString: address });
    await client.connect();
    await client.query("SELECT $1::text", ["nothing"]);
    return { ms: performance.now() - begun };
  },
};

programs[what]?.().then((answer) => {
  writeSync(1, `${JSON.stringify(answer)}\n`);
  process.exit();
});
