import {
  ResourceListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { expect, onTestFinished, test, vi } from "vitest";
import { openPostgres } from "../../src/storage/postgres/open.ts";
import { parseAddress } from "../../src/storage/postgres/server/url.ts";
import { createMemoryStore } from "../oracle/memory.ts";
import { type LinkedClient, linkedClient, memoryKaizen, NOW } from "../support/linked-client.ts";

/** What the client is told of, in order; `next` waits for the next. */
function notificationsOf({ client }: LinkedClient): { told: string[]; next(): Promise<string> } {
  const told: string[] = [];
  const waiting: Array<() => void> = [];
  let seen = 0;
  const take = (what: string) => {
    told.push(what);
    waiting.shift()?.();
  };
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => take(params.uri));
  client.setNotificationHandler(ResourceListChangedNotificationSchema, () => take("list"));
  return {
    told,
    async next() {
      if (told.length === seen) await new Promise<void>((resolve) => waiting.push(resolve));
      seen += 1;
      return told[seen - 1] ?? "";
    },
  };
}

const report = { agent: "tester", success: true };

test("a write of our own is told of at once, to whom it concerns", async () => {
  const linked = await linkedClient({ pollIntervalMs: 3_600_000 });
  const { next, told } = notificationsOf(linked);
  for (const uri of ["kaizen://agents/tester/brief", "kaizen://agents/other/brief", "kaizen://optimizer/analysis"]) {
    await linked.client.subscribeResource({ uri });
  }
  await linked.call("record_execution", report);
  expect(await next()).toBe("kaizen://agents/tester/brief");
  await linked.call("write_optimizer_analysis", { report: { focus: "all" } });
  expect(await next()).toBe("kaizen://optimizer/analysis");
  expect(told).toHaveLength(2);
});

test("a write of somebody else is told of at the next look", async () => {
  const linked = await linkedClient({ pollIntervalMs: 5 });
  const { next } = notificationsOf(linked);
  await linked.client.subscribeResource({ uri: "kaizen://agents/tester/summary" });
  await linked.kaizen.record(report);
  expect(await next()).toBe("kaizen://agents/tester/summary");
});

test("files are looked at every second, and a team's store every ten", async () => {
  const ofTeam = openPostgres({
    address: parseAddress("postgres://u@h/d"),
    project: "p",
    passwordSource: () => undefined,
    retentionDays: 180,
    now: () => NOW,
    onNotice: () => {},
  });
  for (const [network, ms] of [
    [undefined, 1_000],
    [{ ...ofTeam.network, asOneCall: <T>(work: () => Promise<T>) => work() }, 10_000],
  ] as const) {
    const store = createMemoryStore({ now: () => NOW, retentionDays: 180 });
    const looks = vi.spyOn(store.runs, "changeToken");
    const kaizen = memoryKaizen(network === undefined ? store : { ...store, network });
    const { client } = await linkedClient({ openKaizen: async () => kaizen });
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    onTestFinished(() => void vi.useRealTimers());
    await client.subscribeResource({ uri: "kaizen://agents" });
    const before = looks.mock.calls.length;
    await vi.advanceTimersByTimeAsync(ms - 1);
    expect(looks.mock.calls.length).toBe(before);
    await vi.advanceTimersByTimeAsync(1);
    expect(looks.mock.calls.length).toBe(before + 1);
    vi.useRealTimers();
  }
});

test("every resource can be subscribed to, and is told of under the address that the client gave", async () => {
  const linked = await linkedClient({ pollIntervalMs: 3_600_000 });
  const { next } = notificationsOf(linked);
  const views = ["performance-summary", "brief", "summary"].map((view) => `kaizen://agents/te%73ter/${view}`);
  const uris = ["kaizen://agents", ...views, "kaizen://optimizer/analysis", "kaizen://optimizer/recommendations"];
  for (const uri of uris) await linked.client.subscribeResource({ uri });
  await linked.call("record_execution", report);
  const told = [await next(), await next(), await next(), await next()];
  await linked.call("write_optimizer_analysis", { report: {}, recommendations: [{ agent: "other", title: "x" }] });
  // The advice is written first, so that it may be told first.
  const optimizers = [await next(), await next()].sort();
  expect([...told, ...optimizers]).toEqual(uris);
});

test("what changed nothing in a resource is not told of", async () => {
  const linked = await linkedClient({ pollIntervalMs: 3_600_000 });
  const { id: execution_id } = await linked.kaizen.record(report);
  const { next, told } = notificationsOf(linked);
  await linked.client.subscribeResource({ uri: "kaizen://agents/tester/summary" });
  await linked.client.subscribeResource({ uri: "kaizen://agents/tester/brief" });
  await linked.call("verify_execution", { agent: "tester", execution_id, success: false, verified_by: "tests" });
  expect(await next()).toBe("kaizen://agents/tester/brief");
  expect(told).toEqual(["kaizen://agents/tester/brief"]);
});

test("files are looked at only while something is subscribed", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  const { call, client } = await linkedClient();
  await client.listResources();
  await call("record_execution", report);
  expect(vi.getTimerCount()).toBe(0);
  const uris = ["kaizen://agents/tester/brief", "kaizen://agents"];
  for (const uri of uris) await client.subscribeResource({ uri });
  expect(vi.getTimerCount()).toBe(1);
  for (const uri of uris) await client.unsubscribeResource({ uri });
  expect(vi.getTimerCount()).toBe(0);
  for (const uri of uris) await client.subscribeResource({ uri });
  await client.close();
  expect(vi.getTimerCount()).toBe(0);
});

test("after unsubscribing nothing is told any more, and doing so again is harmless", async () => {
  const linked = await linkedClient({ pollIntervalMs: 3_600_000 });
  const { next, told } = notificationsOf(linked);
  const uri = "kaizen://agents/tester/brief";
  await linked.client.subscribeResource({ uri });
  await linked.client.subscribeResource({ uri: "kaizen://agents" });
  await linked.client.unsubscribeResource({ uri });
  await linked.client.unsubscribeResource({ uri });
  await linked.call("record_execution", report);
  expect(await next()).toBe("kaizen://agents");
  expect(told).toEqual(["kaizen://agents"]);
});

test("who has listed resources is told when an agent appears, and not of its later runs", async () => {
  const linked = await linkedClient({ pollIntervalMs: 3_600_000 });
  const { next, told } = notificationsOf(linked);
  await linked.call("record_execution", report);
  await linked.client.listResources();
  await linked.call("record_execution", report);
  await linked.call("record_execution", { ...report, agent: "newcomer" });
  expect(await next()).toBe("list");
  await linked.call("write_optimizer_analysis", { report: {} });
  expect(await next()).toBe("list");
  expect(told).toHaveLength(2);
});

test.for([
  ["kaizen://agents/tester/log", /There is no resource/],
  ["kaizen://agents/..%2Fx/brief", /INVALID_AGENT/],
  ["file:///etc/passwd", /There is no resource/],
] as const)("a subscription to %s is refused", async ([uri, message]) => {
  const { client } = await linkedClient();
  await expect(client.subscribeResource({ uri })).rejects.toMatchObject({
    code: -32602,
    message: expect.stringMatching(message),
  });
});

test("there is a limit to subscriptions", async () => {
  const { client } = await linkedClient({ pollIntervalMs: 3_600_000 });
  const uri = (n: number) => `kaizen://agents/a${n}/summary`;
  for (let n = 0; n < 1_000; n += 1) await client.subscribeResource({ uri: uri(n) });
  await client.subscribeResource({ uri: uri(5) });
  await expect(client.subscribeResource({ uri: uri(1_000) })).rejects.toMatchObject({ code: -32602 });
  await client.unsubscribeResource({ uri: uri(5) });
  await client.subscribeResource({ uri: uri(1_000) });
});

test("a look that fails is told once on stderr, and later changes are still told of", async () => {
  const linked = await linkedClient({ pollIntervalMs: 1 });
  const { next } = notificationsOf(linked);
  await linked.client.subscribeResource({ uri: "kaizen://agents/tester/brief" });
  const changeToken = linked.kaizen.changeToken.bind(linked.kaizen);
  let failures = 0;
  linked.kaizen.changeToken = async (agent) => {
    failures += 1;
    if (failures < 4) throw new Error("the disk is asleep");
    return changeToken(agent);
  };
  await linked.kaizen.record(report);
  expect(await next()).toBe("kaizen://agents/tester/brief");
  expect(linked.logged.filter((line) => line.includes("looking for changes: the disk is asleep"))).toHaveLength(1);
});
