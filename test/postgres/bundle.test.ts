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
});
