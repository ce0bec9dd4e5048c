import { expect, test } from "vitest";
import { agentModelSchema, overviewModelSchema } from "../../src/domain/dashboard/view-model.ts";
import { linkedClient } from "../support/linked-client.ts";

const PAGE = "<!doctype html><title>the page</title>";
const uri = "ui://kaizen-metrics/dashboard";

async function listing(options: Parameters<typeof linkedClient>[0]) {
  const { client } = await linkedClient(options);
  return JSON.stringify(await client.listTools());
}

test("a client that shows no apps is told nothing of them: byte for byte the same list", async () => {
  const plain = await listing({});
  expect(await listing({ app: { isShown: false, page: PAGE } })).toBe(plain);
  const { client } = await linkedClient({ app: { isShown: false, page: PAGE } });
  await expect(client.readResource({ uri })).rejects.toThrow("There is no resource");
});

test("a client that shows apps finds the dashboard at two tools, for a few bytes", async () => {
  const app = { isShown: true, page: PAGE };
  const [plain, linked] = [await listing({}), await listing({ app })];
  expect(linked.length - plain.length).toBeLessThanOrEqual(150);
  const { client } = await linkedClient({ app });
  const { tools } = await client.listTools();
  const withApp = tools.filter(({ _meta }) => _meta?.ui !== undefined);
  expect(withApp.map(({ name }) => name)).toEqual(["get_summary", "list_agents"]);
  expect(withApp[0]?._meta).toEqual({ "anthropic/searchHint": expect.any(String), ui: { resourceUri: uri } });
});

test("the page and its models are read as resources, and what a tool answers stays as it is", async () => {
  const { call, client, kaizen } = await linkedClient({ app: { isShown: true, page: PAGE } });
  await kaizen.record({ agent: "worker", success: true });
  expect(await client.readResource({ uri })).toEqual({
    contents: [{ uri, mimeType: "text/html;profile=mcp-app", text: PAGE }],
  });
  const model = async (at: string) => {
    const [content] = (await client.readResource({ uri: at })).contents;
    return JSON.parse(content !== undefined && "text" in content ? content.text : "");
  };
  expect(overviewModelSchema.parse(await model("kaizen://dashboard"))).toMatchObject({
    project: "acme",
    agent_count: 1,
  });
  expect(agentModelSchema.parse(await model("kaizen://dashboard/worker")).agent.name).toBe("worker");
  await expect(client.readResource({ uri: "kaizen://dashboard/%ff" })).rejects.toThrow("There is no resource");
  await expect(client.readResource({ uri: "kaizen://dashboard/nobody" })).rejects.toThrow("Nothing has been recorded");
  const plain = await linkedClient();
  await plain.kaizen.record({ agent: "worker", success: true });
  expect(await call("list_agents")).toEqual(await plain.call("list_agents"));
});
