import fc from "fast-check";
import { expect, test } from "vitest";
import { introduction, type Line, lineClient } from "../support/line-client.ts";

const report = { agent: "tester", success: true };
const serverInfo = { name: "kaizen-metrics", title: "Kaizen Metrics", version: "0.0.0-test" };
const serverKey = "io.modelcontextprotocol/serverInfo";
const { title: _title, ...nameAndVersion } = serverInfo;
const stamp = { resultType: "complete", _meta: { [serverKey]: nameAndVersion } };
const builtIn = { ttlMs: 3_600_000, cacheScope: "public" };
const byClient = { ...builtIn, cacheScope: "private" };
const fromFiles = { ttlMs: 0, cacheScope: "private" };

test("who asks what there is gets what a handshake would give, and opens no project", async () => {
  const client = lineClient({ openKaizen: () => Promise.reject(new Error("opened")) });
  const { result: discovered } = await client.ask("server/discover", { _meta: introduction() });
  const { result: shaken } = await client.initialize();
  expect(discovered).toEqual({
    supportedVersions: ["2026-07-28"],
    capabilities: shaken?.capabilities,
    instructions: shaken?.instructions,
    ...builtIn,
    resultType: "complete",
    _meta: { [serverKey]: serverInfo },
  });
  expect(shaken).toMatchObject({ protocolVersion: "2025-11-25", serverInfo });
  expect(client.logged.join("")).not.toContain("opened");
});

test.for([
  ["tools/list", {}, byClient],
  ["prompts/list", {}, builtIn],
  ["resources/templates/list", {}, builtIn],
  ["resources/list", {}, fromFiles],
  ["resources/read", { uri: "kaizen://agents" }, fromFiles],
  ["prompts/get", { name: "coach", arguments: { agent: "tester" } }, {}],
  ["tools/call", { name: "get_summary", arguments: { agent: "tester" } }, {}],
  ["tools/call", { name: "record_execution", arguments: {} }, {}],
  ["completion/complete", { ref: { type: "ref/prompt", name: "coach" }, argument: { name: "agent", value: "te" } }, {}],
] as const)(
  "%s %j is in both eras the same, byte for byte, but for the stamp at its end",
  async ([method, params, hints]) => {
    const client = lineClient();
    await client.kaizen.record(report);
    await client.initialize();
    const textOf = async (given: object) => {
      const answer = await client.ask(method, given);
      return JSON.stringify(answer.result);
    };
    const legacy = await textOf(params);
    const modern = await textOf({ ...params, _meta: introduction() });
    expect(modern.startsWith(`${legacy.slice(0, -1)},`)).toBe(true);
    expect(JSON.parse(`{${modern.slice(legacy.length)}`)).toEqual({ ...hints, ...stamp });
    expect(legacy).not.toMatch(/resultType|ttlMs|serverInfo/);
  },
);

test("the list of tools stays below 8,000 bytes with the stamp, too", async () => {
  const { result } = await lineClient().ask("tools/list", { _meta: introduction() });
  expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThan(8_000);
});

const versionKey = "io.modelcontextprotocol/protocolVersion";
const { [versionKey]: _version, ...withoutVersion } = introduction();

test.for([
  ["another revision", introduction({}, "1900-01-01"), -32022],
  ["a legacy revision", introduction({}, "2025-11-25"), -32022],
  ["a revision to come", introduction({}, "2030-01-01"), -32022],
  ["a revision that is no text", introduction({}, 5), -32602],
  ["no revision", withoutVersion, -32602],
  ["null for a revision", introduction({}, null), -32602],
  ["no capabilities", { [versionKey]: "2026-07-28" }, -32602],
  ["null for capabilities", introduction(null), -32602],
  ["a list of capabilities", introduction([]), -32602],
  ["capabilities as text", introduction("all"), -32602],
] as const)("a request that introduces itself with %s is refused, whatever it asks", async ([, _meta, code]) => {
  const client = lineClient();
  const methods = [
    "tools/list",
    "tools/call",
    "server/discover",
    "subscriptions/listen",
    "initialize",
    "ping",
    "no/such",
  ];
  for (const method of methods) {
    const { error } = await client.ask(method, { name: "list_agents", notifications: {}, _meta });
    expect(error?.code, method).toBe(code);
    if (code === -32602) expect(error?.message).toContain("io.modelcontextprotocol/");
    else expect(error?.data).toEqual({ supported: ["2026-07-28"], requested: _meta[versionKey] });
  }
});

test("the name of the client is not wanted of it", async () => {
  const { "io.modelcontextprotocol/clientInfo": _name, ..._meta } = introduction();
  expect((await lineClient().ask("tools/list", { _meta })).result).toHaveProperty("tools");
});

test.for(["initialize", "ping", "resources/subscribe", "resources/unsubscribe", "logging/setLevel", "no/such"])(
  "%s is no method of the modern era",
  async (method) => {
    const { error } = await lineClient().ask(method, { uri: "kaizen://agents", _meta: introduction() });
    expect(error).toMatchObject({ code: -32601, message: expect.stringMatching(/^Method not found/) });
  },
);

test.for(["server/discover", "subscriptions/listen"])(
  "%s without an introduction is told what is missing, and a handshake still works",
  async (method) => {
    const client = lineClient();
    const { error } = await client.ask(method, { notifications: {} });
    expect(error).toMatchObject({ code: -32602, message: expect.stringContaining(versionKey) });
    expect((await client.ask(method)).error?.code).toBe(-32602);
    expect((await client.initialize()).result).toMatchObject({ protocolVersion: "2025-11-25" });
  },
);

test.for([
  ["kaizen://nothing", "There is no resource"],
  ["kaizen://optimizer/analysis", "NOT_FOUND"],
  ["kaizen://agents/..%2Fx/brief", "INVALID_AGENT"],
] as const)("the error for %s names the address, in both eras", async ([uri, text]) => {
  const client = lineClient();
  for (const _meta of [{}, introduction()]) {
    const { error } = await client.ask("resources/read", { uri, _meta });
    expect(error).toMatchObject({ code: -32602, message: expect.stringContaining(text), data: { uri } });
  }
});

test("requests of both eras come in any order, and each is answered in its own", async () => {
  const client = lineClient();
  const asked: Array<Promise<Line>> = [];
  for (let round = 0; round < 20; round += 1) {
    if (round === 7) asked.push(client.initialize());
    asked.push(client.ask("tools/call", { name: "record_execution", arguments: report }));
    asked.push(client.ask("tools/call", { name: "record_execution", arguments: report, _meta: introduction() }));
    asked.push(client.ask("resources/list", { _meta: introduction() }), client.ask("resources/list"));
  }
  const answers = await Promise.all(asked);
  const [modern, legacy] = [
    answers.filter(({ result }) => result?.resultType),
    answers.filter((one) => !one.result?.resultType),
  ];
  expect([modern.length, legacy.length]).toEqual([40, 41]);
  expect(answers.every(({ result }) => result !== undefined && result.isError === undefined)).toBe(true);
  expect((await client.kaizen.summary("tester")).summary.execution_count).toBe(40);
});

test("a client that shows apps says so with each request, and gets them for that request", async () => {
  const page = "<!doctype html><title>the page</title>";
  const client = lineClient({ app: { page: async () => page, project: () => "acme" } });
  const uri = "ui://kaizen-metrics/dashboard";
  const shows = introduction({
    extensions: { "io.modelcontextprotocol/ui": { mimeTypes: ["text/html;profile=mcp-app"] } },
  });
  const linked = async (_meta: object) => JSON.stringify(await client.ask("tools/list", { _meta })).includes(uri);
  expect([await linked(shows), await linked(introduction()), await linked({}), await linked(shows)]).toEqual([
    true,
    false,
    false,
    true,
  ]);
  expect((await client.ask("resources/read", { uri, _meta: shows })).result).toMatchObject({
    contents: [{ text: page }],
  });
  expect((await client.ask("resources/read", { uri, _meta: introduction() })).error?.code).toBe(-32602);
});

const methods = [
  "initialize",
  "ping",
  "tools/list",
  "tools/call",
  "resources/list",
  "resources/read",
  "resources/subscribe",
  "prompts/get",
  "server/discover",
  "subscriptions/listen",
  "no/such",
];
const keys = [...Object.keys(introduction()), "progressToken", "io.modelcontextprotocol/related-task", "__proto__", ""];
const oddMeta = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.dictionary(
    fc.constantFrom(...keys),
    fc.oneof(fc.constantFrom("2026-07-28", {}, null), fc.jsonValue({ maxDepth: 2 })),
  ),
  fc.constant(introduction()),
);

test("whatever stands in _meta, each request is answered once, and the server ends when its client goes", async () => {
  const request = fc.record({ method: fc.constantFrom(...methods), _meta: oddMeta });
  const property = fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 12 }), async (requests) => {
    const client = lineClient();
    for (const [id, { method, _meta }] of requests.entries()) {
      const params = {
        name: "list_agents",
        uri: "kaizen://agents",
        notifications: { resourcesListChanged: true },
        _meta,
      };
      client.send({ id, method, params });
    }
    expect(await client.end()).toBe(0);
    const answered = client.heard.filter(({ method }) => method === undefined).map(({ id }) => Number(id));
    expect(answered.sort((a, b) => a - b)).toEqual(requests.map((_, id) => id));
    for (const { error } of client.heard) {
      if (error !== undefined) expect([-32600, -32601, -32602, -32022]).toContain(error.code);
    }
  });
  await fc.assert(property, { numRuns: 60 });
});
