import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { describe, expect, onTestFinished, test } from "vitest";
import { everythingShown } from "../../support/postgres/everything-shown.ts";
import type { Machine } from "../../support/postgres/machine.ts";
import { teamStore } from "../../support/postgres/place.ts";
import { clientSettings, seenByHooks } from "../../support/postgres/seen-by-hooks.ts";
import { confirmedTeamProject } from "../../support/postgres/team-project.ts";

async function connected(machine: Machine): Promise<Client> {
  const client = await machine.connect();
  onTestFinished(() => client.close());
  return client;
}

describe.skipIf(teamStore === undefined || process.env.KAIZEN_TEST_STORE)(
  "two machines with logins of their own",
  () => {
    test("show the same to the byte at every door, whoever recorded what by which", async () => {
      const ann = await confirmedTeamProject(undefined, { user: "ann" });
      const bob = await confirmedTeamProject(ann.project, { user: "bob" });
      const machines = [ann, bob] as const;
      const clients = [await connected(ann), await connected(bob)] as const;
      const record = async (on: 0 | 1, run: Record<string, unknown>) => {
        const answer = await clients[on].callTool({ name: "record_execution", arguments: { agent: "coder", ...run } });
        expect(answer.isError, JSON.stringify(answer)).toBeFalsy();
      };
      for (const one of machines) one.write(".mcp.json", clientSettings);
      for (let run = 0; run < 12; run += 1) {
        const failed =
          run % 3 === 0 ? { success: false, error: `TimeoutError: db-${run} did not answer` } : { success: true };
        await record(run % 2 === 0 ? 0 : 1, {
          ...failed,
          quality_score: 0.1 * (run % 7),
          execution_time_s: run / 3,
          task: "fix",
        });
      }
      await record(0, { success: true, idempotency_key: "both" });
      await record(1, { success: true, idempotency_key: "both" });
      const byHooks = [
        ...(await seenByHooks(ann, { agent: "coder", key: "k-ann" })),
        ...(await seenByHooks(bob, { agent: "coder", key: "k-bob" })),
      ];
      for (const ran of byHooks) expect(ran).toMatchObject({ status: 0, stderr: "" });
      await record(1, { success: true, idempotency_key: "k-ann" });
      for (const one of machines) {
        expect((await one.here(["record", "tester", "--success", "--quality-score", "0.7"])).status).toBe(0);
      }
      const [first = ""] = /run_[0-9a-f]{20}/.exec((await bob.here(["runs", "tester", "--json"])).stdout) ?? [];
      expect((await ann.here(["verify", "tester", first, "--failure", "--by", "human"])).status).toBe(0);
      expect((await bob.here(["verify", "coder", ...(await lastOf(bob)), "--success", "--by", "tests"])).status).toBe(
        0,
      );

      const [onAnns, onBobs] = [
        await everythingShown(ann, clients[0], ["coder", "tester"]),
        await everythingShown(bob, clients[1], ["coder", "tester"]),
      ];
      expect(onBobs).toEqual(onAnns);
      expect(JSON.parse(onAnns["summary coder --json"] ?? "")).toMatchObject({ execution_count: 14 });
      expect(JSON.parse(onAnns["dashboard coder --json"] ?? "").agent).toMatchObject({
        coverage: { started: 2, ended: 2, reported: 1 },
      });
      // A process that begins now reads what these have kept in mind.
      const late = await confirmedTeamProject(ann.project, { user: "wall" });
      expect(await everythingShown(late, await connected(late), ["coder", "tester"])).toEqual(onAnns);
    });
  },
);

async function lastOf(machine: Machine): Promise<string[]> {
  return /run_[0-9a-f]{20}/.exec((await machine.here(["runs", "coder", "--json"])).stdout)?.slice(0, 1) ?? [];
}
