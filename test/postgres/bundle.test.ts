import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { KaizenError } from "../../src/errors.ts";
import { parseAddress } from "../../src/storage/postgres/server/url.ts";
import type { createPostgresStore } from "../../src/storage/postgres/store.ts";
import { newProject, teamStore } from "../support/postgres/place.ts";
import { clockAt, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun } from "../support/single-calls.ts";

const chunks = new URL("../../dist/chunks/", import.meta.url);
const engineSchema = z.object({
  createPostgresStore: z.custom<typeof createPostgresStore>((value) => typeof value === "function"),
});

describe.skipIf(teamStore === undefined)("the file that the team's store has in the package", () => {
  test("has the driver in it, records a run, and fails in our words", async () => {
    const names = readdirSync(chunks).filter((name) => name.startsWith("team-store-"));
    expect(names).toHaveLength(1);
    const engine = engineSchema.parse(await import(new URL(names[0] ?? "", chunks).href));
    const clock = clockAt();
    const options = {
      project: newProject(),
      passwordSource: () => undefined,
      retentionDays: 30,
      onNotice: () => {},
      ...clock,
    };
    const store = engine.createPostgresStore({ ...options, address: parseAddress(teamStore ?? "") });
    expect((await appendRun(store.runs, REVIEWER, runMaker(clock)())).overview.view.tally.runs).toBe(1);
    await store.runs.close();
    const error: unknown = await store.runs.listAgents().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(KaizenError);
    expect(error).toMatchObject({ code: "CLOSED" });
  });

  test("connects without what Node.js has for fetch, which takes longer to load than that", () => {
    const [name = ""] = readdirSync(chunks).filter((one) => one.startsWith("team-store-"));
    const given = { project: newProject(), address: parseAddress(teamStore ?? ""), retentionDays: 30 };
    const program = `const { createPostgresStore } = await import(process.argv[1]);
const options = { ...JSON.parse(process.env.GIVEN), passwordSource() {}, now: Date.now, onNotice() {} };
const agents = await createPostgresStore(options).runs.listAgents();
process.stdout.write(JSON.stringify({ agents, loaded: process.moduleLoadList.filter((one) => one.includes("undici")) }));`;
    const args = ["--input-type=module", "--eval", program, new URL(name, chunks).href];
    const env = { PATH: process.env.PATH, GIVEN: JSON.stringify(given) };
    const said: unknown = JSON.parse(execFileSync(process.execPath, args, { env, encoding: "utf8" }));
    expect(said).toEqual({ agents: [], loaded: [] });
  });
});
