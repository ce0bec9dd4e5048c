import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/places.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";

async function startTwo(): Promise<{ subscriber: ServerProcess; writer: ServerProcess; root: string }> {
  const root = temporaryFolder();
  const [subscriber, writer] = [startServer({ args: ["--root", root] }), startServer({ args: ["--root", root] })];
  await Promise.all([subscriber.initialize(), writer.initialize()]);
  return { subscriber, writer, root };
}

function updateOf(server: ServerProcess, uri: string) {
  return server.reply(({ method, params }) => method === "notifications/resources/updated" && params?.uri === uri);
}

test("a client is told what another process has changed, from the first run on", async () => {
  const { subscriber, writer } = await startTwo();
  const brief = "kaizen://agents/tester/brief";
  const analysis = "kaizen://optimizer/analysis";
  for (const uri of [brief, analysis])
    expect((await subscriber.request("resources/subscribe", { uri })).result).toEqual({});
  await writer.callTool("record_execution", { agent: "tester", success: true });
  await updateOf(subscriber, brief);
  await writer.callTool("write_optimizer_analysis", { report: { focus: "tester" } });
  await updateOf(subscriber, analysis);
});

test("a client that has listed the resources is told of an agent that appears in another process", async () => {
  const { subscriber, writer } = await startTwo();
  await subscriber.request("resources/list");
  await subscriber.request("resources/subscribe", { uri: "kaizen://agents" });
  await writer.callTool("record_execution", { agent: "newcomer", success: true });
  await subscriber.reply(({ method }) => method === "notifications/resources/list_changed");
});

test("that the files have gone is a change, too", async () => {
  const { subscriber, writer, root } = await startTwo();
  const uri = "kaizen://agents/tester/summary";
  await writer.callTool("record_execution", { agent: "tester", success: true });
  await subscriber.request("resources/subscribe", { uri });
  rmSync(join(root, ".kaizen"), { recursive: true });
  await updateOf(subscriber, uri);
});

test("a subscription keeps no process alive", async () => {
  const { subscriber } = await startTwo();
  await subscriber.request("resources/subscribe", { uri: "kaizen://agents" });
  subscriber.child.stdin.end();
  expect(await subscriber.exited).toBe(0);
  expect(subscriber.stderr).not.toContain("gave up waiting");
});
