import { ResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { expect, test } from "vitest";
import { KaizenError } from "../../src/errors.ts";
import { tools } from "../../src/mcp/tools/index.ts";
import { linkedClient, textOf } from "../support/linked-client.ts";

const valid = { agent: "tester", success: true };

test.for([
  ["an unknown argument names the nearest", { ...valid, quality: 0.5 }],
  ["a percentage", { ...valid, quality_score: 85 }],
  ["a number as text", { ...valid, execution_time_s: "12.5" }],
  ["a success as text", { agent: "tester", success: "false" }],
  ["a missing argument", { agent: "tester" }],
  ["a negative duration", { ...valid, execution_time_s: -1 }],
  ["half a token", { ...valid, input_tokens: 1.5 }],
  ["a path as a name", { ...valid, agent: "../../etc/passwd" }],
  ["the optimizer's name", { ...valid, agent: "optimizer" }],
  ["a timestamp that is none", { ...valid, timestamp: "yesterday" }],
  ["a timestamp in the future", { ...valid, timestamp: "2027-11-22T10:00:00Z" }],
  ["a known name in extra", { ...valid, extra: { quality_score: 1 } }],
  ["a list as extra", { ...valid, extra: [1] }],
] as const)("%s is refused with what to send instead, and records nothing", async ([, args]) => {
  const { call, kaizen } = await linkedClient();
  const result = await call("record_execution", args);
  expect({ isError: result.isError, text: textOf(result) }).toMatchSnapshot();
  expect(result.structuredContent).toBeUndefined();
  expect(await kaizen.agentNames()).toEqual([]);
});

test("a key that JavaScript gives a meaning is refused in extra", async () => {
  const { call, kaizen } = await linkedClient();
  const result = await call("record_execution", { ...valid, extra: JSON.parse('{"__proto__": {"success": false}}') });
  expect(textOf(result)).toMatch(/^INVALID_ARGUMENT: .*"__proto__"/);
  expect(await kaizen.agentNames()).toEqual([]);
});

test("arguments are optional for a tool that needs none", async () => {
  const { client } = await linkedClient();
  expect((await client.callTool({ name: "list_agents" })).isError).toBeUndefined();
});

test.for([
  ["get_summary", { agent: "tester", since: "last week" }],
  ["read_executions", { agent: "tester", limit: 500 }],
  ["read_executions", { agent: "a/b" }],
  ["list_agents", { sort: "worst" }],
  ["verify_execution", { agent: "tester", execution_id: "run_1", success: true, verified_by: "me" }],
  ["verify_execution", { agent: "tester", execution_id: "run_1", success: true, verified_by: "tests" }],
  ["verify_execution", { agent: "tester", execution_id: "run_1", success: true, verified_by: "ci" }],
  ["verify_execution", { agent: "tester", execution_id: "run_1", success: true, verified_by: "human" }],
  ["get_brief", { agent: "tester", detail: "long" }],
  ["get_brief", { agent: "a/b" }],
  ["update_recommendation", { id: "rec_1", status: "adopted" }],
  ["update_recommendation", { id: "rec_1", status: "proposed" }],
  ["write_optimizer_analysis", { report: "all fine" }],
  ["write_optimizer_analysis", { report: {}, recommendations: [{ agent: "t", title: "x", urgency: 1 }] }],
] as const)("%s refuses %j", async ([name, args]) => {
  const { call } = await linkedClient();
  const result = await call(name, args);
  expect({ isError: result.isError, text: textOf(result) }).toMatchSnapshot();
});

test("a long wrong value is quoted in part only", async () => {
  const { call } = await linkedClient();
  const text = textOf(await call("record_execution", { ...valid, ["x".repeat(50_000)]: "y".repeat(50_000) }));
  expect(text.length).toBeLessThan(2_100);
});

test("an unknown tool is an error of the protocol that names the nearest", async () => {
  const { client } = await linkedClient();
  await expect(client.callTool({ name: "record_run" })).rejects.toMatchObject({ code: -32602 });
  await expect(client.callTool({ name: "get_sumary" })).rejects.toThrow(
    'MCP error -32602: There is no tool "get_sumary". Did you mean "get_summary"?',
  );
});

test("a method that we do not have is answered as such", async () => {
  const { client } = await linkedClient();
  const asked = client.request({ method: "server/invent" }, ResultSchema);
  await expect(asked).rejects.toMatchObject({ code: -32601 });
});

test("parameters of a wrong shape are the caller's fault, in words", async () => {
  const { client } = await linkedClient();
  const asked = client.request({ method: "resources/read", params: { uri: 5 } }, ResultSchema);
  await expect(asked).rejects.toMatchObject({ code: -32602, message: expect.stringMatching(/params\.uri /) });
});

test("a fault of ours is answered with a fixed sentence, and told with its stack on stderr", async () => {
  const { call, client, logged } = await linkedClient({
    openKaizen: async () => {
      throw new TypeError("secret detail");
    },
  });
  expect(await call("list_agents")).toMatchInlineSnapshot(`
    {
      "content": [
        {
          "text": "INTERNAL: Something went wrong inside kaizen-metrics; its stderr has the details. Other calls still work.",
          "type": "text",
        },
      ],
      "isError": true,
    }
  `);
  await expect(client.readResource({ uri: "kaizen://agents" })).rejects.toMatchObject({
    code: -32603,
    message: expect.not.stringMatching(/secret/),
  });
  expect(logged.join("")).toMatch(/TypeError: secret detail\n {4}at /);
});

test("without a project, tools are listed and each call says what to do, until one is found", async () => {
  let project: "none" | "some" = "none";
  const { kaizen } = await linkedClient();
  const linked = await linkedClient({
    openKaizen: async () => {
      if (project === "some") return kaizen;
      throw new KaizenError("NO_PROJECT", "No project here.", { hint: "Start with --root." });
    },
  });
  expect((await linked.client.listTools()).tools).toHaveLength(tools.length);
  expect((await linked.client.listPrompts()).prompts).toHaveLength(3);
  expect((await linked.client.listResources()).resources).toHaveLength(3);
  expect(textOf(await linked.call("list_agents"))).toBe("NO_PROJECT: No project here. Start with --root.");
  const uri = "kaizen://agents";
  await expect(linked.client.readResource({ uri })).rejects.toMatchObject({ code: -32603 });
  await expect(linked.client.subscribeResource({ uri })).rejects.toMatchObject({ code: -32603 });
  await expect(linked.client.getPrompt({ name: "optimize" })).rejects.toMatchObject({ code: -32603 });
  project = "some";
  expect(await linked.value("list_agents")).toEqual({ agents: [], total: 0 });
});
