import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { expect, onTestFinished, test } from "vitest";
import { tools } from "../../src/mcp/tools/index.ts";
import { introduction } from "../support/line-client.ts";
import { temporaryFolder } from "../support/places.ts";
import { bundle, checkout, startServer } from "../support/server-process.ts";

test("a run goes from a line on stdin to a line on disk, and back out as a summary and markdown", async () => {
  const root = temporaryFolder();
  const server = startServer({ args: ["--root", root] });
  await server.initialize();
  await server.callTool("record_execution", { agent: "tester", success: true, quality_score: 0.9, notes: "café" });
  const folder = join(root, ".kaizen", "metrics", "tester");
  const line = readFileSync(join(folder, "executions.jsonl"), "utf8");
  expect(line).toMatch(
    /^\{"agent": "tester", "id": "run_[0-9a-f]{20}", "notes": "caf\\u00e9", "quality_score": 0\.9, "success": true, "timestamp": "[^"]+Z"\}\n$/,
  );
  expect(JSON.parse(readFileSync(join(folder, "summary.json"), "utf8"))).toMatchObject({ execution_count: 1 });
  const { result } = await server.request("resources/read", { uri: "kaizen://agents/tester/performance-summary" });
  expect(JSON.stringify(result)).toContain("- Executions: 1\\n- Success rate: 100.0% (→ stable)");
});

test("nothing is created before the first write, whatever is asked", async () => {
  const root = temporaryFolder();
  const server = startServer({ args: ["--root", root] });
  await server.initialize();
  await server.request("tools/list");
  await server.request("resources/list");
  for (const name of ["list_agents", "get_summary", "read_executions"])
    await server.callTool(name, { agent: "tester" });
  await server.callTool("record_execution", { agent: "tester", success: "yes" });
  server.child.stdin.end();
  await server.exited;
  expect(readdirSync(root)).toEqual([]);
});

test("lines that are no messages are answered, and the server goes on", async () => {
  const server = startServer({ args: ["--root", temporaryFolder()] });
  await server.initialize();
  for (const line of ["garbage", "[]", '{"jsonrpc":"2.0","id":3}', '{"id":4,"method":"ping"}', "", "\ufeff  "]) {
    server.write(`${line}\r\n`);
  }
  await server.request("ping");
  const refusals = server.replies().filter((reply) => reply.error !== undefined);
  expect(refusals.map((reply) => [reply.id, reply.error?.code])).toEqual([
    [null, -32700],
    [null, -32600],
    [null, -32600],
    [4, -32600],
  ]);
});

test("no line is nested so deeply that it ends the server, whatever it is", async () => {
  const server = startServer({ args: ["--root", temporaryFolder()] });
  await server.initialize();
  const deep = `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`;
  const call = (id: number, name: string, members: string) =>
    `"id":${id},"method":"tools/call","params":{"name":"${name}","arguments":{${members}}}`;
  for (const members of [
    `"id":10,"method":"ping","params":${deep}`,
    call(11, "record_execution", `"agent":"tester","success":true,"extra":${deep}`),
    call(12, "write_optimizer_analysis", `"report":${deep}`),
    `"id":13,"method":"tools/list","params":{"_meta":{"a":${deep}}}`,
    `"method":"notifications/cancelled","params":${deep}`,
    `"id":777,"result":${deep}`,
    `"id":778,"error":{"code":1,"message":"x","data":${deep}}`,
  ]) {
    server.write(`{"jsonrpc":"2.0",${members}}\n`);
  }
  await server.request("ping");
  const answers = server.replies().filter((reply) => reply.error !== undefined);
  expect(answers.map(({ error, id }) => [id, error?.code, error?.message])).toEqual(
    [10, 11, 12, 13, null].map((id) => [id, -32600, "A line of input is nested deeper than 1000 levels."]),
  );
});

test("null counts as left out: for parameters, for their fields and for arguments of tools and prompts", async () => {
  const server = startServer({ args: ["--root", temporaryFolder()] });
  const capabilities = { roots: null, experimental: null };
  const clientInfo = { name: "test", version: "1", title: null };
  server.send({ id: 1, method: "initialize", params: { protocolVersion: "2025-11-25", capabilities, clientInfo } });
  expect((await server.reply(({ id }) => id === 1)).result).toMatchObject({ protocolVersion: "2025-11-25" });
  server.send({ method: "notifications/initialized", params: null });
  const answers = async (method: string, params: object | null) => {
    server.send({ id: `${method} ${JSON.stringify(params)}`, method, params });
    return server.reply(({ id }) => id === `${method} ${JSON.stringify(params)}`);
  };
  for (const [method, params] of [
    ["ping", null],
    ["tools/list", null],
    ["tools/list", { cursor: null, _meta: null }],
    ["resources/list", { cursor: null }],
    ["tools/call", { name: "list_agents", arguments: null }],
    ["tools/call", { name: "list_agents", _meta: { progressToken: null } }],
    [
      "tools/call",
      { name: "record_execution", arguments: { agent: "tester", success: true, notes: null, task: null } },
    ],
    ["prompts/get", { name: "optimize", arguments: null }],
    ["prompts/get", { name: "retrospective", arguments: { agent: "tester", task: null } }],
  ] as const) {
    const { error, result } = await answers(method, params);
    expect([method, params, error, result?.isError]).toEqual([method, params, undefined, undefined]);
  }
  const refused = await answers("prompts/get", { name: "retrospective", arguments: { agent: 5 } });
  expect(refused.error).toMatchObject({ code: -32602, message: "INVALID_ARGUMENT: agent is 5: send a string." });
  const nameless = await answers("tools/call", null);
  expect(nameless.error).toMatchObject({
    code: -32602,
    message: expect.stringMatching(/params is required \(object\)\.$/),
  });
});

test("arguments that came as text are refused in words that a model can act on", async () => {
  const server = startServer({ args: ["--root", temporaryFolder()] });
  await server.initialize();
  const args = JSON.stringify({ agent: "tester", success: true });
  const { result } = await server.request("tools/call", { name: "record_execution", arguments: args });
  expect(result).toMatchObject({
    isError: true,
    content: [{ text: expect.stringMatching(/^INVALID_ARGUMENT: .*: send an object itself, not its JSON as text\.$/) }],
  });
  const { error } = await server.request("prompts/get", { name: "coach", arguments: args });
  expect(error).toMatchObject({ code: -32602, message: expect.stringMatching(/not its JSON as text\.$/) });
});

test.for([
  ["without parameters", undefined, "params is required (object)."],
  [
    "without capabilities",
    { protocolVersion: "2025-11-25", clientInfo: { name: "t", version: "1" } },
    "params.capabilities",
  ],
  [
    "with a version that is a number",
    { protocolVersion: 1, capabilities: {}, clientInfo: { name: "t", version: "1" } },
    "params.protocolVersion is 1: send a string.",
  ],
] as const)("initialize %s is the caller's fault, in words, and may be sent again", async ([, params, words]) => {
  const server = startServer({ args: ["--root", temporaryFolder()] });
  const { error } = await server.request("initialize", params);
  expect(error).toMatchObject({ code: -32602, message: expect.stringContaining(words) });
  expect(error?.message).not.toMatch(/MCP error|"code"/);
  expect((await server.initialize()).result).toMatchObject({ serverInfo: { name: "kaizen-metrics" } });
});

test("stdout holds JSON-RPC and nothing else", async () => {
  const server = startServer({ args: ["--root", temporaryFolder()] });
  await server.initialize();
  await server.callTool("record_execution", { agent: "tester", success: true });
  await server.callTool("no_such_tool");
  server.child.stdin.end();
  await server.exited;
  for (const reply of server.replies()) expect(reply).toHaveProperty("jsonrpc", "2.0");
});

test("a client that asks for a newer protocol first is told what there is, and may fall back", async () => {
  const server = startServer({ args: ["--root", temporaryFolder()] });
  const { error } = await server.request("server/discover", { _meta: introduction({}, "2031-01-01") });
  expect(error).toMatchObject({ code: -32022, data: { supported: ["2026-07-28"], requested: "2031-01-01" } });
  const { result } = await server.initialize();
  expect(result).toMatchObject({ protocolVersion: "2025-11-25", serverInfo: { name: "kaizen-metrics" } });
});

test("mcp.json works as it is written, for a client started in the checkout", async () => {
  const { mcpServers } = JSON.parse(readFileSync(join(checkout, "mcp.json"), "utf8"));
  const { command, args, env } = mcpServers["kaizen-metrics"];
  const transport = new StdioClientTransport({ command, args, env, cwd: checkout, stderr: "pipe" });
  let stderr = "";
  const named = new Promise<void>((resolve) => {
    transport.stderr?.on("data", (chunk: Buffer) => {
      stderr += chunk;
      if (stderr.includes("project ")) resolve();
    });
  });
  const client = new Client({ name: "test", version: "1" });
  onTestFinished(() => client.close());
  await client.connect(transport);
  expect((await client.listTools()).tools).toHaveLength(tools.length);
  const { isError } = await client.callTool({ name: "get_summary", arguments: { agent: "nobody" } });
  expect(isError).toBeUndefined();
  await named;
  expect(stderr).toContain(`kaizen-metrics: project ${checkout.replace(/\/$/, "")} (nearest folder upwards with `);
});

test("--help and --version print and exit, and a wrong flag says which was meant", async () => {
  const { version } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"));
  const printed = startServer({ args: ["--version"] });
  expect(await printed.exited).toBe(0);
  expect(printed.lines).toEqual([version]);
  const help = startServer({ args: ["--help"] });
  expect(await help.exited).toBe(0);
  expect(help.lines[0]).toMatch(/^Usage: kaizen-metrics /);
  const wrong = startServer({ args: ["--rot", "."] });
  expect(await wrong.exited).toBe(2);
  expect(wrong.stderr).toBe(
    "kaizen-metrics: --rot is not a flag; did you mean --root? See kaizen-metrics --help.\n" +
      "Usage: kaizen-metrics COMMAND [ARGUMENTS]\n",
  );
});

test("the bundle starts as a program of its own", () => {
  expect(readFileSync(bundle, "utf8").split("\n", 1)[0]).toBe("#!/usr/bin/env node");
});
