import { expect, inject, onTestFinished, test } from "vitest";
import { failover } from "../soak/server/failover.ts";
import { PostgresServer } from "../support/postgres/server.ts";

// Thousands of runs and more processes are `npm run soak -- --server failover`. Which processes a server has is read in /proc.
test.skipIf(inject("teamStore") === undefined || process.env.KAIZEN_TEST_STORE || process.platform !== "linux")(
  "a server that is killed, with a synchronous standby promoted, loses nothing that was acknowledged, and doubles nothing",
  async () => {
    const primary = await PostgresServer.start();
    if (primary === undefined) throw new Error("there was a server for the other tests");
    onTestFinished(() => primary.remove());
    const standby = await primary.standby();
    onTestFinished(() => standby.remove());
    const { counts, problems } = await failover({ primary, standby, writers: 2, before: 120, after: 20 });
    expect(problems).toEqual([]);
    expect(counts["runs acknowledged"]).toBeGreaterThanOrEqual(160);
  },
);
