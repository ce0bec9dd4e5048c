import { afterEach, describe, expect, test } from "vitest";
import { parseAddress } from "../../src/storage/postgres/server/url.ts";
import { CuttingProxy } from "../support/postgres/cutting-proxy.ts";
import { newProject, openPostgres, teamStore } from "../support/postgres/place.ts";
import { clockAt, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun } from "../support/single-calls.ts";

let proxy: CuttingProxy | undefined;
afterEach(() => proxy?.close());

describe.skipIf(teamStore === undefined)("what a record says to a server", () => {
  test("is one statement; beside another writer what that wrote is asked for behind it, before there is an answer", async () => {
    const [host] = parseAddress(teamStore ?? "").hosts;
    proxy = await CuttingProxy.before(host.port);
    const [project, clock] = [newProject(), clockAt()];
    const makeRun = runMaker(clock);
    const { runs } = openPostgres(project, clock, (teamStore ?? "").replace(/@[^/]+\//, `@127.0.0.1:${proxy.port}/`));
    const other = openPostgres(project, clock).runs;
    for (const one of [runs, other, runs]) await appendRun(one, REVIEWER, makeRun());
    let said = "";
    proxy.onRequest = (bytes) => {
      said += bytes.includes("SET last_seq") ? "record " : "";
      said += bytes.includes("AS kind") ? "read " : "";
      return "pass";
    };
    proxy.onAnswer = () => {
      said = said.endsWith("answer ") ? said : `${said}answer `;
      return "pass";
    };
    const record = async () => {
      said = "";
      const { overview } = await appendRun(runs, REVIEWER, makeRun());
      return { said: said.trim(), runs: overview.view.tally.runs };
    };

    await appendRun(other, REVIEWER, makeRun());
    expect(await record()).toEqual({ said: expect.stringMatching(/^record read answer\b/), runs: 5 });
    expect(await record()).toEqual({ said: expect.stringMatching(/^record read answer\b/), runs: 6 });
    expect(await record()).toEqual({ said: "record answer", runs: 7 });

    await appendRun(other, REVIEWER, makeRun());
    expect(await record()).toEqual({ said: "record answer read answer", runs: 9 });
    await Promise.all([runs.close(), other.close()]);
  });
});
