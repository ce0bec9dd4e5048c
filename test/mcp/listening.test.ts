import { expect, test } from "vitest";
import { KaizenError } from "../../src/errors.ts";
import { introduction, type Line, lineClient } from "../support/line-client.ts";
import { memoryKaizen } from "../support/linked-client.ts";

const report = { agent: "tester", success: true };
const idKey = "io.modelcontextprotocol/subscriptionId";

type LineClient = ReturnType<typeof lineClient>;

/** Opens a stream, and gives what came with its acknowledgement. */
async function listen(client: LineClient, id: string | number, notifications: object): Promise<object | undefined> {
  client.send({ id, method: "subscriptions/listen", params: { notifications, _meta: introduction() } });
  const first = await client.hears((line) => isOf(line, id));
  expect(first.method).toBe("notifications/subscriptions/acknowledged");
  return first.params?.notifications;
}

function isOf({ id, params }: Line, stream: string | number): boolean {
  return id === stream || params?._meta?.[idKey] === stream;
}

/** What a stream has said, in short. */
function saidOn(client: LineClient, stream: string | number): string[] {
  return client.heard
    .filter((line) => isOf(line, stream))
    .map(({ error, method = "", params }) => {
      if (error !== undefined) return `error ${error.code}`;
      return method === "" ? "end" : [method.replace("notifications/", ""), params?.uri ?? []].flat().join(" ");
    });
}

/** No brief is read before it may be. */
function briefsHeldBack({ kaizen }: LineClient) {
  const brief = kaizen.brief.bind(kaizen);
  let letRead = () => {};
  const mayRead = new Promise<void>((resolve) => {
    letRead = resolve;
  });
  let begunReading = () => {};
  const isReading = new Promise<void>((resolve) => {
    begunReading = resolve;
  });
  kaizen.brief = async (agent, detail) => {
    begunReading();
    await mayRead;
    return brief(agent, detail);
  };
  return { isReading, letRead };
}

const record = (client: LineClient, agent = "tester") =>
  client.ask("tools/call", { name: "record_execution", arguments: { ...report, agent }, _meta: introduction() });

test("each stream hears of what it asked for and of nothing else, under its own id", async () => {
  const client = lineClient();
  await client.initialize();
  await client.ask("resources/subscribe", { uri: "kaizen://agents" });
  const [brief, summary] = ["brief", "summary"].map((view) => `kaizen://agents/tester/${view}`);
  expect(await listen(client, "a", { resourceSubscriptions: [brief, brief], toolsListChanged: true })).toEqual({
    resourceSubscriptions: [brief],
  });
  const both = { resourcesListChanged: true, resourceSubscriptions: [summary] };
  expect(await listen(client, 0, both)).toEqual(both);
  expect(await listen(client, "nothing", { promptsListChanged: true, resourcesListChanged: false })).toEqual({});
  await record(client);
  await client.hears((line) => isOf(line, "a") && line.method === "notifications/resources/updated");
  await client.hears((line) => isOf(line, 0) && line.method === "notifications/resources/list_changed");
  await client.hears((line) => line.method === "notifications/resources/updated" && line.params?._meta === undefined);
  await client.end();
  const first = "subscriptions/acknowledged";
  expect(saidOn(client, "a")).toEqual([first, `resources/updated ${brief}`, "end"]);
  expect(saidOn(client, 0)).toEqual([first, `resources/updated ${summary}`, "resources/list_changed", "end"]);
  expect(saidOn(client, "nothing")).toEqual([first, "end"]);
  const untagged = client.heard.filter(({ method, params }) => method !== undefined && params?._meta === undefined);
  expect(untagged.map(({ params }) => params)).toEqual([{ uri: "kaizen://agents" }]);
});

test("a stream is acknowledged before it says anything else, also if something changes meanwhile", async () => {
  const client = lineClient();
  const { isReading, letRead } = briefsHeldBack(client);
  const uris = ["kaizen://agents/tester/summary", "kaizen://agents/slow/brief"];
  const listening = listen(client, "s", { resourceSubscriptions: uris });
  await isReading;
  await record(client);
  letRead();
  await listening;
  await client.hears(({ method }) => method === "notifications/resources/updated");
  expect(saidOn(client, "s").slice(0, 2)).toEqual(["subscriptions/acknowledged", `resources/updated ${uris[0]}`]);
});

test("a stream that its client has cancelled says nothing more, and makes room", async () => {
  const client = lineClient();
  const uri = "kaizen://agents/tester/brief";
  for (let id = 0; id < 40; id += 1) {
    await listen(client, `s${id}`, { resourceSubscriptions: [uri] });
    client.send({ method: "notifications/cancelled", params: { requestId: `s${id}` } });
  }
  // One that is cancelled before it was begun.
  client.send({ id: "late", method: "subscriptions/listen", params: { notifications: {}, _meta: introduction() } });
  client.send({ method: "notifications/cancelled", params: { requestId: "late" } });
  await listen(client, "last", { resourceSubscriptions: [uri] });
  await record(client);
  await client.hears((line) => isOf(line, "last") && line.method === "notifications/resources/updated");
  expect(await client.end()).toBe(0);
  for (let id = 0; id < 40; id += 1) expect(saidOn(client, `s${id}`)).toEqual(["subscriptions/acknowledged"]);
  expect(saidOn(client, "late")).toEqual([]);
});

test("a note that is being made when its stream is cancelled is not sent", async () => {
  const client = lineClient();
  const uri = "kaizen://agents/tester/brief";
  await listen(client, "gone", { resourceSubscriptions: [uri], resourcesListChanged: true });
  await listen(client, "stays", { resourceSubscriptions: [uri], resourcesListChanged: true });
  const { isReading, letRead } = briefsHeldBack(client);
  await record(client);
  await isReading;
  client.send({ method: "notifications/cancelled", params: { requestId: "gone" } });
  // Lines are taken in their order.
  await client.ask("ping");
  letRead();
  await client.hears((line) => isOf(line, "stays") && line.method === "notifications/resources/list_changed");
  await client.end();
  const first = "subscriptions/acknowledged";
  expect(saidOn(client, "gone")).toEqual([first]);
  expect(saidOn(client, "stays")).toEqual([first, `resources/updated ${uri}`, "resources/list_changed", "end"]);
});

test("a client that listens does not keep the server from its end, and hears that each stream has ended", async () => {
  const client = lineClient();
  for (const id of ["a", "b"]) await listen(client, id, { resourcesListChanged: true });
  client.send({ id: "c", method: "subscriptions/listen", params: { notifications: {}, _meta: introduction() } });
  expect(await client.end()).toBe(0);
  for (const id of ["a", "b", "c"]) {
    expect(client.heard.find((line) => line.id === id)?.result).toMatchObject({
      resultType: "complete",
      _meta: { [idKey]: id },
    });
    expect(saidOn(client, id)).toEqual(["subscriptions/acknowledged", "end"]);
  }
});

test("there is a limit to streams, and within it everything else is still answered", async () => {
  const client = lineClient();
  for (let id = 0; id < 16; id += 1) await listen(client, `s${id}`, {});
  const refused = await client.ask("subscriptions/listen", { notifications: {}, _meta: introduction() });
  expect(refused.error).toMatchObject({ code: -32602, message: expect.stringContaining("16 streams") });
  expect((await record(client)).result).toHaveProperty("structuredContent.recorded", true);
  client.send({ method: "notifications/cancelled", params: { requestId: "s3" } });
  await listen(client, "another", {});
});

test("there is a limit to what is watched, over all streams", async () => {
  const client = lineClient();
  const uris = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => `kaizen://agents/a${from + n}/summary`);
  await listen(client, "a", { resourceSubscriptions: uris(0, 600) });
  const params = { notifications: { resourceSubscriptions: uris(600, 1_001) }, _meta: introduction() };
  const { error } = await client.ask("subscriptions/listen", params);
  expect(error).toMatchObject({ code: -32602, message: expect.stringContaining("600 are watched") });
  await listen(client, "b", { resourceSubscriptions: uris(600, 1_000) });
});

test.for([
  ["no filter", undefined, /params\.notifications/],
  ["a filter that is none", "everything", /params\.notifications/],
  ["addresses that are none", { resourceSubscriptions: [5] }, /resourceSubscriptions/],
  ["an address that is none of ours", { resourceSubscriptions: ["file:///etc/passwd"] }, /There is no resource/],
  ["a name that is none", { resourceSubscriptions: ["kaizen://agents/..%2Fx/brief"] }, /INVALID_AGENT/],
] as const)("%s is refused, and leaves nothing open", async ([, notifications, message]) => {
  const client = lineClient();
  const { error } = await client.ask("subscriptions/listen", { notifications, _meta: introduction() });
  expect(error).toMatchObject({ code: -32602, message: expect.stringMatching(message) });
  await record(client);
  await client.end();
  expect(client.heard.filter(({ method }) => method !== undefined)).toEqual([]);
});

test("who has only listed the resources is told of nothing", async () => {
  const client = lineClient();
  await client.ask("resources/list", { _meta: introduction() });
  await record(client);
  await record(client, "newcomer");
  await listen(client, "now", { resourcesListChanged: true });
  await record(client, "another");
  await client.hears(({ method }) => method === "notifications/resources/list_changed");
  await client.end();
  expect(saidOn(client, "now")).toEqual(["subscriptions/acknowledged", "resources/list_changed", "end"]);
  expect(client.heard.filter(({ method }) => method !== undefined)).toHaveLength(2);
});

test("who listens to the list alone is told of what another process has added", async () => {
  const client = lineClient({ pollIntervalMs: 1 });
  await listen(client, "s", { resourcesListChanged: true });
  await client.kaizen.record(report);
  await client.hears(({ method }) => method === "notifications/resources/list_changed");
});

test.each(["NO_PROJECT", "NO_STORE"] as const)(
  "after %s a stream agrees to nothing, says why on stderr, and ends as any other",
  async (code) => {
    const problem = new KaizenError(code, "No project here.", { hint: "Start with --root." });
    const client = lineClient({ openKaizen: () => Promise.reject(problem) });
    const filter = { resourcesListChanged: true, resourceSubscriptions: ["kaizen://agents"] };
    expect(await listen(client, 1, filter)).toEqual({});
    expect(client.logged.join("")).toContain(`nothing to listen to: ${code}: No project here. Start with --root.`);
    expect(await client.end()).toBe(0);
    expect(saidOn(client, 1)).toEqual(["subscriptions/acknowledged", "end"]);
  },
);

test("a fault of ours while a stream begins is answered, and leaves nothing open", async () => {
  const kaizen = memoryKaizen();
  kaizen.changeToken = () => Promise.reject(new Error("the disk is asleep"));
  const client = lineClient({ openKaizen: async () => kaizen });
  const params = { notifications: { resourcesListChanged: true }, _meta: introduction() };
  expect((await client.ask("subscriptions/listen", params)).error?.code).toBe(-32603);
  expect(await client.end()).toBe(0);
});
