import { Client as ModernClient } from "@modelcontextprotocol/client";
import { StdioClientTransport as ModernTransport } from "@modelcontextprotocol/client/stdio";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { expect, onTestFinished, test } from "vitest";
import { tools } from "../../src/mcp/tools/index.ts";
import { introduction } from "../support/line-client.ts";
import { temporaryFolder } from "../support/places.ts";
import { bundle, startServer } from "../support/server-process.ts";

// The clients of the SDK's two lines, against the real process.

const launch = () => ({
  command: process.execPath,
  args: [bundle, "--root", temporaryFolder()],
  stderr: "ignore" as const,
});

const report = { agent: "tester", success: true };
const clientInfo = { name: "test", version: "1" };

test.for([
  ["pinned to the modern era", { pin: "2026-07-28" }, "2026-07-28"],
  ["that chooses", "auto", "2026-07-28"],
  ["of the legacy era", "legacy", "2025-11-25"],
] as const)("a client of the newer SDK %s works from the first list to the last note", async ([, mode, revision]) => {
  const client = new ModernClient(clientInfo, { versionNegotiation: { mode } });
  onTestFinished(() => client.close());
  await client.connect(new ModernTransport(launch()));
  expect(client.getNegotiatedProtocolVersion()).toBe(revision);
  expect(client.getServerVersion()).toMatchObject({ name: "kaizen-metrics", title: "Kaizen Metrics" });
  expect(client.getInstructions()).toContain("get_brief");
  expect((await client.listTools()).tools).toHaveLength(tools.length);
  const told: string[] = [];
  let hear = () => {};
  const heard = new Promise<void>((resolve) => {
    hear = resolve;
  });
  client.setNotificationHandler("notifications/resources/updated", ({ params }) => {
    told.push(params.uri);
    hear();
  });
  const uri = "kaizen://agents/tester/brief";
  if (mode === "legacy") await client.subscribeResource({ uri });
  else {
    const { honoredFilter } = await client.listen({ resourceSubscriptions: [uri], toolsListChanged: true });
    expect(honoredFilter).toEqual({ resourceSubscriptions: [uri] });
  }
  const recorded = await client.callTool({ name: "record_execution", arguments: report });
  expect(recorded.structuredContent).toMatchObject({ recorded: true, execution_count: 1 });
  await heard;
  expect(told).toEqual([uri]);
  expect(await client.callTool({ name: "record_execution", arguments: {} })).toMatchObject({ isError: true });
  await expect(client.callTool({ name: "record_run" })).rejects.toMatchObject({ code: -32602 });
  await expect(client.readResource({ uri: "kaizen://nothing" })).rejects.toMatchObject({ code: -32602 });
  expect((await client.listResources()).resources.length).toBeGreaterThan(3);
  expect((await client.getPrompt({ name: "coach", arguments: { agent: "tester" } })).messages).toHaveLength(2);
});

test("a client of the older SDK is served as ever", async () => {
  const client = new Client(clientInfo);
  onTestFinished(() => client.close());
  await client.connect(new StdioClientTransport(launch()));
  const { tools, ...rest } = await client.listTools();
  expect([tools.length, rest]).toEqual([8, {}]);
  expect(await client.callTool({ name: "record_execution", arguments: report })).not.toHaveProperty("resultType");
});

test("a process that is listened to ends once its input does, or it is asked to, and answers its streams", async () => {
  const end = { stdin: ["closed", 0], SIGTERM: ["asked", 143] } as const;
  for (const [how, [, status]] of Object.entries(end)) {
    const server = startServer({ args: ["--root", temporaryFolder()] });
    const params = { notifications: { resourcesListChanged: true }, _meta: introduction() };
    server.send({ id: "s", method: "subscriptions/listen", params });
    await server.reply(({ method }) => method === "notifications/subscriptions/acknowledged");
    if (how === "stdin") server.child.stdin.end();
    else server.child.kill("SIGTERM");
    expect(await server.exited).toBe(status);
    expect(server.replies().at(-1)).toMatchObject({ id: "s", result: { resultType: "complete" } });
    // It has waited for nothing: the limit of the drain is told where it was reached.
    expect(server.stderr).not.toContain("gave up");
  }
});
