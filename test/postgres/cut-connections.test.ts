import { afterEach, describe, expect, test } from "vitest";
import { KaizenError } from "../../src/errors.ts";
import { parseAddress } from "../../src/storage/postgres/server/url.ts";
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

  test("at random loses nothing that was acknowledged, and doubles nothing, in two processes at once", async () => {
    const { direct, makeRun, open, proxy } = await behindProxy();
    const random = seededRandom(7);
    let cuts = 0;
    const at = (share: number, verdict: Verdict) => (bytes: Buffer) => {
      if (bytes.length < 300 || random() > share) return "pass";
      cuts += 1;
      return verdict;
    };
    const stores = [open(), open()];
    for (const { runs } of stores) await runs.overview(REVIEWER);
    proxy.onRequest = (bytes) => (at(0.1, "cut")(bytes) === "cut" ? "cut" : at(0.2, "passAndCut")(bytes));
    const acknowledged: unknown[] = [];
    const results: PromiseSettledResult<void>[] = [];
    // Those that come together are one statement: so they come in waves, for there to be some to cut.
    for (let wave = 0; wave < 12; wave += 1) {
      const some = Array.from({ length: 10 }, async (_, index) => {
        const run = makeRun(index % 4 < 2 ? { idempotency_key: `k${wave}-${index}` } : {});
        await appendRun((stores[index % 2] ?? direct).runs, REVIEWER, run);
        acknowledged.push(run.record.id);
      });
      results.push(...(await Promise.allSettled(some)));
    }
    proxy.onRequest = () => "pass";
    for (const result of results) {
      if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "STORE_UNREACHABLE" });
    }
    const ids = (await scanRuns(direct.runs, REVIEWER)).map(({ execution }) => execution.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(acknowledged.filter((id) => !ids.includes(String(id)))).toEqual([]);
    expect(cuts).toBeGreaterThan(0);
    for (const { runs } of [...stores, direct])
      expect((await runs.overview(REVIEWER)).view.tally.runs).toBe(ids.length);
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
