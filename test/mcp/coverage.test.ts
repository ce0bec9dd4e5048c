import { describe, expect, test } from "vitest";
import { linkedClient, textOf } from "../support/linked-client.ts";
import { agentNamed, REVIEWER } from "../support/runs.ts";

const explore = agentNamed("Explore");

/** Forty runs that hooks saw, of which thirty-three were reported and two were not seen to end. */
async function seen() {
  const linked = await linkedClient();
  const { kaizen } = linked;
  for (let run = 0; run < 40; run += 1) {
    await kaizen.observe(REVIEWER, { key: `a${run}`, event: "started" });
    if (run < 33) await kaizen.record({ agent: "reviewer", success: run !== 7, idempotency_key: `a${run}` });
    if (run < 38) await kaizen.observe(REVIEWER, { key: `a${run}`, event: "ended" });
  }
  await kaizen.observe(explore, { key: "b1", event: "ended" });
  return linked;
}

describe("coverage", () => {
  test("stands beside the figures of an agent, in both halves of the answer, and in its brief", async () => {
    const { call, kaizen, value } = await seen();
    const [run] = (await kaizen.executions("reviewer", { filter: {}, limit: 1 })).executions;
    await kaizen.verify({ agent: "reviewer", execution_id: run?.id ?? "", success: true, verified_by: "ci" });
    const coverage = { started: 40, ended: 38, reported: 33, verified: 1 };
    expect(await value("get_summary", { agent: "reviewer" })).toMatchObject({ execution_count: 33, coverage });
    const sentence = "40 runs seen, 33 reported; 2 still running or killed";
    expect(textOf(await call("get_summary", { agent: "reviewer" }))).toContain(`Coverage: ${sentence}.`);
    expect(textOf(await call("get_brief", { agent: "reviewer", detail: "full" }))).toContain(`\n- ${sentence}\n`);
    // Nothing that a filter picks by is known of what hooks saw.
    expect(await value("get_summary", { agent: "reviewer", task: "review" })).not.toHaveProperty("coverage");
    expect(await value("get_summary", { agent: "reviewer", since: "2026-01-01" })).not.toHaveProperty("coverage");
  });

  test("is of an agent that never reported all that there is", async () => {
    const { call, client, value } = await seen();
    const summary = await value("get_summary", { agent: "Explore" });
    expect(summary).toMatchObject({
      execution_count: 0,
      coverage: { started: 1, ended: 1, reported: 0, verified: 0 },
      note: 'No run of "Explore" is on record. Coverage: 1 run seen, 0 reported.',
    });
    const inFull = textOf(await call("get_brief", { agent: "Explore", detail: "full" }));
    expect(inFull).toContain("no runs on record yet");
    expect(inFull).toContain("1 run seen, 0 reported");
    const { contents } = await client.readResource({ uri: "kaizen://agents/Explore/performance-summary" });
    expect(contents).toMatchObject([{ text: "" }]);
  });

  test("is no failure: an agent without runs is listed, and behind those with any rate", async () => {
    const { call, value } = await seen();
    const names = async (sort: string) => {
      const { agents } = (await value("list_agents", { sort })) as { agents: { agent: string; coverage: unknown }[] };
      return agents.map(({ agent }) => agent);
    };
    expect(await names("name")).toEqual(["Explore", "reviewer"]);
    expect(await names("success_rate")).toEqual(["reviewer", "Explore"]);
    expect(await names("last_execution")).toEqual(["reviewer", "Explore"]);
    expect(textOf(await call("list_agents"))).toContain("2 agents; first Explore without runs on record.");
  });

  test("is absent where no hook saw anything, and what answers said before they still say", async () => {
    const { call, kaizen, value } = await linkedClient();
    await kaizen.record({ agent: "reviewer", success: true });
    expect(await value("get_summary", { agent: "reviewer" })).not.toHaveProperty("coverage");
    expect(JSON.stringify(await value("list_agents"))).not.toContain("coverage");
    expect(textOf(await call("get_brief", { agent: "reviewer" }))).not.toMatch(/hooks/i);
  });

  test("changes the stamp by which subscribers hear of changes", async () => {
    const { kaizen } = await linkedClient();
    const stamps = [await kaizen.changeToken("Explore")];
    await kaizen.observe(explore, { key: "b1", event: "started" });
    stamps.push(await kaizen.changeToken("Explore"));
    await kaizen.observe(explore, { key: "b1", event: "started" });
    stamps.push(await kaizen.changeToken("Explore"));
    expect(stamps[1]).not.toBe(stamps[0]);
    expect(stamps[2]).toBe(stamps[1]);
  });
});
