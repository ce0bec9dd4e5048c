import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { asOneCall, Limit } from "../../src/storage/postgres/server/limit.ts";
import { parseAddress } from "../../src/storage/postgres/server/url.ts";
import type { Store } from "../../src/storage/store.ts";
import { linkedClient, memoryKaizen } from "../support/linked-client.ts";
import { CuttingProxy } from "../support/postgres/cutting-proxy.ts";
import { newProject, openPostgres, teamStore } from "../support/postgres/place.ts";
import { clockAt, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun } from "../support/single-calls.ts";

const proxies: CuttingProxy[] = [];
afterEach(() => {
  for (const proxy of proxies.splice(0)) proxy.close();
});

/** A client of a team's store behind a proxy that a test can make swallow what is sent. */
async function behindProxy(project = newProject()) {
  const proxy = await CuttingProxy.before(parseAddress(teamStore ?? "").hosts[0].port);
  proxies.push(proxy);
  const address = (teamStore ?? "").replace(/@[^/]+\//, `@127.0.0.1:${proxy.port}/`);
  const store: Store = openPostgres(project, clockAt(), address);
  const { call } = await linkedClient({ openKaizen: async () => memoryKaizen(store) });
  return { proxy, store, call };
}

const report = { agent: "coder", success: true, idempotency_key: "k" };
const toldAsDead = {
  isError: true,
  content: [
    { text: expect.stringMatching(/STORE_UNREACHABLE.* 127\.0\.0\.1:\d+ cannot be reached: it does not answer/) },
  ],
};

/** A limit is ten seconds, and a try to connect takes three: with one limit for all that a tool asks for there is no fifth. */
const MOST_TRIES = 4;

async function fromTheBeginning(tool: string, args: object): Promise<void> {
  const { call, proxy } = await behindProxy();
  proxy.onRequest = () => "swallow";
  expect(await call(tool, { ...args }), tool).toMatchObject(toldAsDead);
  expect(proxy.connections, tool).toBeLessThanOrEqual(MOST_TRIES);
}

async function inTheMiddle(tool: string, args: object): Promise<void> {
  const { call, proxy } = await behindProxy();
  expect(await call("record_execution", report)).not.toMatchObject({ isError: true });
  proxy.onRequest = () => "swallow";
  expect(await call(tool, { ...args }), tool).toMatchObject(toldAsDead);
  expect(proxy.connections, tool).toBe(1);
  proxy.onRequest = () => "pass";
  const { structuredContent } = await call("record_execution", { ...report, idempotency_key: "l" });
  expect(structuredContent, tool).toMatchObject({ recorded: true, execution_count: 2 });
}

/** What is asked for after a run was kept fails: then it is never told of as if nothing had been recorded. */
async function afterARunWasKept(): Promise<void> {
  const project = newProject();
  const { proxy, store } = await behindProxy(project);
  const makeRun = runMaker(clockAt());
  await appendRun(store.runs, REVIEWER, makeRun());
  await appendRun(openPostgres(project, clockAt()).runs, REVIEWER, makeRun());
  // What another process has added is read once the run is kept: of that nothing comes back.
  let isKept = false;
  proxy.onRequest = (bytes) => {
    if (isKept && bytes.includes("'agent' AS kind")) return "swallow";
    isKept ||= bytes.includes("SET last_seq");
    return "pass";
  };
  await expect(appendRun(store.runs, REVIEWER, makeRun())).rejects.toMatchObject({
    code: "STORE_UNREACHABLE",
    message: expect.stringContaining("may or may not be recorded"),
  });
}

describe.skipIf(teamStore === undefined)("a server that says nothing", () => {
  // All of them wait ten seconds for nothing: so they do it together.
  test("is told of within one limit, however often a tool has to ask; once there are answers, all goes on", async () => {
    await Promise.all([
      fromTheBeginning("record_execution", report),
      fromTheBeginning("list_agents", {}),
      inTheMiddle("record_execution", { ...report, idempotency_key: "l" }),
      inTheMiddle("get_summary", { agent: "coder" }),
      afterARunWasKept(),
    ]);
  });
});

test("rows that come give a call more time, and nothing else does", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => void vi.useRealTimers());
  await asOneCall(async () => {
    const [short, onward] = [new Limit(), new Limit("onward")];
    vi.advanceTimersByTime(9_000);
    short.answered();
    expect([short.leftMs, onward.leftMs]).toEqual([1_000, 1_000]);
    onward.answered();
    vi.advanceTimersByTime(9_000);
    expect([short.leftMs, onward.leftMs, new Limit().leftMs]).toEqual([1_000, 1_000, 1_000]);
    await asOneCall(async () => expect(new Limit().leftMs).toBe(1_000));
  });
  await asOneCall(async () => expect(new Limit().leftMs).toBe(10_000));
});
