import { afterEach, describe, expect, test } from "vitest";
import { KaizenError } from "../../src/errors.ts";
import { parseAddress } from "../../src/storage/postgres/server/url.ts";
import { cutConnections } from "../soak/server/cuts.ts";
import { CuttingProxy, type Verdict } from "../support/postgres/cutting-proxy.ts";
import { newProject, openPostgres, teamStore } from "../support/postgres/place.ts";
import { seededRandom } from "../support/random.ts";
import { clockAt, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun, scanRuns } from "../support/single-calls.ts";

let proxy: CuttingProxy | undefined;
afterEach(() => proxy?.close());

/** Whether a message has the statement that records a run. */
const records = (bytes: Buffer) => bytes.includes("SET last_seq") && bytes.includes("idempotency");

async function behindProxy() {
  const [host] = parseAddress(teamStore ?? "").hosts;
  proxy = await CuttingProxy.before(host.port);
  const project = newProject();
  const clock = clockAt();
  const address = (teamStore ?? "").replace(/@[^/]+\//, `@127.0.0.1:${proxy.port}/`);
  const open = () => openPostgres(project, clock, address);
  return { proxy, open, direct: openPostgres(project, clock), makeRun: runMaker(clock) };
}

describe.skipIf(teamStore === undefined)("a connection that is cut", () => {
  test.each<[string, Verdict]>([
    ["before a statement has gone out", "cut"],
    ["when it has, and the answer is lost", "passAndCut"],
  ])("%s loses no run and doubles none", async (_, verdict) => {
    const { direct, makeRun, open, proxy } = await behindProxy();
    const { runs } = open();
    await appendRun(runs, REVIEWER, makeRun({ idempotency_key: "first" }));
    for (const key of ["a", "b", "c"]) {
      let cuts = 0;
      proxy.onRequest = (bytes) => (records(bytes) && cuts++ === 0 ? verdict : "pass");
      const { duplicate, overview } = await appendRun(runs, REVIEWER, makeRun({ idempotency_key: key }));
      expect({ cuts, duplicate }).toEqual({ cuts: expect.any(Number), duplicate: false });
      expect(cuts).toBeGreaterThan(0);
      expect(overview.view.tally.runs).toBe((await direct.runs.overview(REVIEWER)).view.tally.runs);
    }
    expect((await scanRuns(direct.runs, REVIEWER)).map(({ execution }) => execution.key)).toEqual([
      "first",
      "a",
      "b",
      "c",
    ]);
  });

  // 500 of them are `npm run soak -- --server cuts`.
  test("before, within and after a statement, at random, loses no run of two processes and doubles none", async () => {
    const random = seededRandom(7);
    const { counts, problems } = await cutConnections({
      address: teamStore ?? "",
      project: newProject(),
      random,
      cuts: 40,
    });
    expect(problems).toEqual([]);
    expect(counts["runs acknowledged"]).toBeGreaterThan(40);
  });

  test("that stays cut after a statement has gone out is told as what it is", { timeout: 60_000 }, async () => {
    const { makeRun, open, proxy } = await behindProxy();
    const { runs } = open();
    await appendRun(runs, REVIEWER, makeRun({ idempotency_key: "first" }));
    let isCut = false;
    proxy.onRequest = (bytes) => {
      if (isCut) return "cut";
      isCut = records(bytes);
      return isCut ? "passAndCut" : "pass";
    };
    const error: unknown = await appendRun(runs, REVIEWER, makeRun({ idempotency_key: "b" })).catch((reason) => reason);
    expect(error).toMatchObject({
      code: "STORE_UNREACHABLE",
      message: expect.stringContaining("may or may not be recorded"),
    });
    expect(error instanceof KaizenError && error.hint).toContain("idempotency_key is safe");
    proxy.onRequest = () => "pass";
    expect((await appendRun(runs, REVIEWER, makeRun({ idempotency_key: "b" }))).overview.view.tally.runs).toBe(2);
  });
});
