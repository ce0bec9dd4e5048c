import { upgrade } from "../../../src/storage/postgres/server/upgrade.ts";
import { PostgresServer } from "../../support/postgres/server.ts";
import { seededRandom } from "../seeded-random.ts";
import { cutConnections } from "./cuts.ts";
import { failover } from "./failover.ts";
import { rowsOf } from "./rows.ts";
import type { Verdict } from "./verdict.ts";

/** What can be done to a team's store, in the size of minutes. */
const soaks = {
  /** Four processes, killed primary, promoted standby. */
  failover: async () => {
    const primary = await startedServer();
    const standby = await primary.standby();
    try {
      return await failover({ primary, standby, writers: 4, before: 8_000, after: 500 });
    } finally {
      await Promise.all([primary.remove(), standby.remove()]);
    }
  },
  /** 500 connections are cut. */
  cuts: async (seed: number) => {
    const server = await startedServer();
    try {
      const { end, query } = await rowsOf(server.address());
      await upgrade(query, "kaizen");
      await end();
      return await cutConnections({
        address: server.address(),
        project: "soak/cuts",
        random: seededRandom(seed),
        cuts: 500,
      });
    } finally {
      await server.remove();
    }
  },
} satisfies Record<string, (seed: number) => Promise<Verdict>>;

/** `undefined` if there is no such soak. */
export function serverSoak(name: string, seed: number): Promise<Verdict> | undefined {
  return Object.entries(soaks).find(([known]) => known === name)?.[1](seed);
}

async function startedServer(): Promise<PostgresServer> {
  const server = await PostgresServer.start();
  if (server === undefined) throw new Error("there is no server for this platform");
  return server;
}
