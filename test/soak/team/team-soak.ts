import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import pg from "pg";
import { upgrade } from "../../../src/storage/postgres/server/upgrade.ts";
import { everythingShown } from "../../support/postgres/everything-shown.ts";
import { Machine } from "../../support/postgres/machine.ts";
import { clientSettings, seenByHooks } from "../../support/postgres/seen-by-hooks.ts";
import { PostgresServer } from "../../support/postgres/server.ts";
import { type Acknowledged, judge, type Verdict } from "./verdict.ts";

/** How much has been done so far. */
interface Progress {
  readonly seconds: number;
  readonly acknowledged: number;
  readonly plugs: number;
}

export interface TeamSoakOptions {
  readonly isEnough: (progress: Progress) => boolean;
  /** The plug is pulled whenever so many more runs were acknowledged. */
  readonly runsAPlug: number;
  /** How long it stays out, in ms, the n-th time. */
  outMs?(nth: number): number;
}

const PASSWORD = "of a machine, with % and @";
const PROJECT = "soak/team";
const agents = ["coder", "tester"];
/** Each machine has a client that asks for so much at a time, and a shell in which commands are typed. */
const CALLERS = 4;

/**
 * Two machines with homes and logins of their own record into one project, by the server, by commands and by hooks, while
 * the database's plug is pulled again and again. What was acknowledged is then held against what is there, and what one
 * machine shows against what the other does.
 */
export async function teamSoak({ isEnough, outMs = () => 0, runsAPlug }: TeamSoakOptions): Promise<Verdict> {
  const folder = mkdtempSync(join(tmpdir(), "kaizen-team-soak-"));
  const server = await PostgresServer.start();
  if (server === undefined) throw new Error("no server for this platform");
  const clients: Client[] = [];
  try {
    const machines = await prepared(folder, server);
    for (const machine of machines) clients.push(await machine.connect());
    const acknowledged: Acknowledged[] = [];
    const begun = performance.now();
    const progress = { plugs: 0, isOver: false, failed: 0 };
    let pulling: Promise<void> = Promise.resolve();
    const noted = (one: Acknowledged) => {
      acknowledged.push(one);
      if (acknowledged.length >= runsAPlug * (progress.plugs + 1) && !progress.isOver) {
        progress.plugs += 1;
        const out = outMs(progress.plugs);
        pulling = pulling.then(() => pullPlug(server, out));
      }
      const seconds = (performance.now() - begun) / 1000;
      progress.isOver ||= isEnough({ seconds, acknowledged: acknowledged.length, plugs: progress.plugs });
    };
    const isOver = () => progress.isOver;
    const failed = () => {
      progress.failed += 1;
    };
    await Promise.all(
      machines.flatMap((machine, place) => [
        ...Array.from({ length: CALLERS }, (_, caller) =>
          calling({ client: clients[place], name: `m${place}c${caller}`, isOver, noted, failed }),
        ),
        typing({ machine, name: `m${place}t`, isOver, noted, failed }),
      ]),
    );
    await pulling;
    const shown: Record<string, string>[] = [];
    for (const [place, machine] of machines.entries()) {
      shown.push(await everythingShown(machine, clients[place] as Client, agents));
    }
    const { counts, problems } = await judge({
      address: server.address("postgres"),
      project: PROJECT,
      acknowledged,
      shown,
    });
    return { counts: { "plugs pulled": progress.plugs, "calls that failed": progress.failed, ...counts }, problems };
  } finally {
    for (const client of clients) await client.close();
    await server.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function prepared(folder: string, server: PostgresServer): Promise<readonly Machine[]> {
  const client = new pg.Client({ connectionString: server.address() });
  await client.connect();
  await upgrade(async (text, values = []) => (await client.query(text, [...values])).rows, "kaizen");
  const machines: Machine[] = [];
  for (const user of ["ann", "bob"]) {
    await client.query(`CREATE ROLE ${user} LOGIN PASSWORD '${PASSWORD}' IN ROLE kaizen_writer`);
    const address = `postgres://${user}@127.0.0.1:${server.port}/postgres`;
    const machine = new Machine(join(folder, user), { address, password: PASSWORD, project: PROJECT });
    machine.write(".mcp.json", clientSettings);
    const { status, stderr } = await machine.apart(["store", "trust", "--yes"]);
    if (status !== 0) throw new Error(stderr);
    machines.push(machine);
  }
  await client.end();
  return machines;
}

/** As if the machine of the database had gone: nothing of it may say goodbye. */
async function pullPlug(server: PostgresServer, outMs: number): Promise<void> {
  await server.kill();
  if (outMs > 0) await delay(outMs);
  await server.run();
}

interface Recorder {
  readonly name: string;
  isOver(): boolean;
  noted(one: Acknowledged): void;
  failed(): void;
}

/** Calls the tool, and the same call again for as long as it fails: that is what its error says. */
async function calling({
  client,
  failed,
  isOver,
  name,
  noted,
}: Recorder & { client: Client | undefined }): Promise<void> {
  for (let run = 0; !isOver(); run += 1) {
    const key = `${name}-${run}`;
    const agent = agents[run % agents.length] ?? "";
    const args = { agent, success: run % 5 !== 0, quality_score: (run % 11) / 10, idempotency_key: key };
    for (;;) {
      const answer = await client?.callTool({ name: "record_execution", arguments: args });
      const { id } = (answer?.structuredContent ?? {}) as { id?: string };
      if (answer?.isError !== true && id !== undefined) {
        noted({ agent, key, id });
        break;
      }
      failed();
    }
  }
}

/** Types commands, one after the other, and has hooks run; each is a process of its own. */
async function typing({ failed, isOver, machine, name, noted }: Recorder & { machine: Machine }): Promise<void> {
  for (let run = 0; !isOver(); run += 1) {
    const key = `${name}-${run}`;
    const agent = agents[run % agents.length] ?? "";
    const record = ["record", agent, run % 3 === 0 ? "--failure" : "--success", "--idempotency-key", key, "--json"];
    for (;;) {
      const { status, stdout } = await machine.apart(record);
      if (status === 0) {
        noted({ agent, key, id: JSON.parse(stdout).id });
        break;
      }
      failed();
    }
    // A hook that cannot reach the store says so, and holds up nobody.
    await seenByHooks(machine, { agent, key: `${key}-seen`, run: machine.apart });
  }
}
