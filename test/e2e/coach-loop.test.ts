import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/places.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";

const agent = "test-writer";

/** Runs from a picture, one after the other: + succeeds, - fails. Gives their ids. */
async function recordPicture(server: ServerProcess, picture: string): Promise<string[]> {
  const ids: string[] = [];
  for (const mark of picture) {
    const failed = {
      success: false,
      error_type: "TimeoutError",
      error: `container ${ids.length} was not ready in 30 s`,
    };
    ids.push(
      String(
        (await answerOf(server, "record_execution", { agent, ...(mark === "+" ? { success: true } : failed) })).id,
      ),
    );
  }
  return ids;
}

async function answerOf(server: ServerProcess, tool: string, args: object): Promise<Record<string, unknown>> {
  const result = await server.callTool(tool, args);
  if (result?.isError === true) throw new Error(JSON.stringify(result));
  return Object(result?.structuredContent);
}

async function briefOf(server: ServerProcess): Promise<string> {
  return JSON.stringify(await server.callTool("get_brief", { agent })).replaceAll("\\n", "\n");
}

test("an agent declines, is analysed, takes advice, and its brief says how runs went since", async () => {
  const root = temporaryFolder();
  const worker = startServer({ args: ["--root", root] });
  const optimizer = startServer({ args: ["--root", root] });
  await Promise.all([worker.initialize(), optimizer.initialize()]);

  const ids = await recordPicture(worker, "++++++++++++++++++++-+--+-----");
  await answerOf(worker, "verify_execution", { agent, execution_id: ids[0], success: true, verified_by: "tests" });
  await answerOf(worker, "verify_execution", { agent, execution_id: ids[1], success: false, verified_by: "tests" });
  // By hand: the second run claimed success, and CI found a failure. So 19 of the first 20, and 2 of the last 10.
  expect(await answerOf(optimizer, "get_summary", { agent })).toMatchObject({
    execution_count: 30,
    stats: {
      success: {
        verdict: "declining",
        evidence: expect.stringMatching(/^declining since about \S+: 2 of 10, before that 19 of 20 \(P 0\.93\)$/),
      },
      verified: { runs: 2, successes: 1, claimed_rate: 1, gap: 0.5 },
      failures: [{ count: 8 }],
    },
  });
  expect(await answerOf(optimizer, "list_agents", { sort: "success_rate" })).toMatchObject({
    agents: [{ agent, success: { verdict: "declining" }, verified: { runs: 2 } }],
  });
  const { messages } = Object((await optimizer.request("prompts/get", { name: "optimize" })).result);
  expect(messages[0].content.text).toMatch(/declining since about \S+: 2 of 10, before/);

  const recommendations = [{ agent, title: "Start the container before the tests", priority: 1 }];
  const { recommendation_ids } = await answerOf(optimizer, "write_optimizer_analysis", {
    report: { cause: "containers that are not ready" },
    recommendations,
  });
  const [id] = [recommendation_ids].flat();
  expect(await briefOf(worker)).toContain(`Open, priority 1: \`Start the container before the tests\` (${id})`);
  await answerOf(worker, "update_recommendation", { id, status: "adopted" });

  await recordPicture(worker, "+++++++");
  expect(await briefOf(worker)).toContain("too early to tell (7 of 7 since; 21 of 25 before)");
  await recordPicture(worker, "+".repeat(33));
  // Of the 30 runs before, the last 5 failed right before the advice: 21 of the other 25 succeeded. 40 of 40 did after.
  expect(await briefOf(optimizer)).toContain(
    "Adopted, in force, no clear change since (40 of 40 since; 21 of 25 before): `Start the container before the tests`",
  );
  const uri = "kaizen://optimizer/recommendations";
  const { contents } = Object((await optimizer.request("resources/read", { uri })).result);
  expect(JSON.parse(contents[0].text).recommendations[0]).toMatchObject({ id, status: "adopted" });
});

test("damaged lines are counted in every answer that the figures come from", async () => {
  const root = temporaryFolder();
  const server = startServer({ args: ["--root", root] });
  await server.initialize();
  await recordPicture(server, "++");
  appendFileSync(join(root, ".kaizen", "metrics", agent, "executions.jsonl"), '{"success": tru\n');
  const answer = await answerOf(server, "get_summary", { agent });
  expect(answer).toMatchObject({ execution_count: 2, stats: { damaged_lines: 1 } });
  expect(await answerOf(server, "list_agents", {})).toMatchObject({ agents: [{ agent, damaged_lines: 1 }] });
  expect(await briefOf(server)).toContain("Lines of the log that could not be read in full: 1");
});
