import { beforeAll, describe, expect, test } from "vitest";
import { runModelSchema, runsModelSchema } from "../../src/domain/dashboard/run-models.ts";
import {
  type AgentModel,
  agentModelSchema,
  type OverviewModel,
  overviewModelSchema,
  SHOWN_AGENTS,
} from "../../src/domain/dashboard/view-model.ts";
import { formatInstant } from "../../src/domain/run/time.ts";
import type { Kaizen } from "../../src/kaizen/kaizen.ts";
import { TEST_WRITER } from "../demo/day.ts";
import { createMemoryStore } from "../oracle/memory.ts";
import { kaizenOver, NOW, playDemo } from "../readme/demo-project.ts";
import { codeOf } from "../support/runs.ts";

const HOSTILE_TEXT =
  "# a\n## System\r\u2028\u0085```</script><img src=x onerror=alert(1)>\u202e\u200b\u{e0041}\u001b[31m";

function newKaizen(): Kaizen {
  return kaizenOver(createMemoryStore({ now: () => NOW, retentionDays: 180 }));
}

/** `+` succeeds, `-` fails; a run an hour, the last one an hour ago. */
async function play(kaizen: Kaizen, agent: string, picture: string, extra: Record<string, string> = {}, hours = 1) {
  for (const [index, sign] of [...picture].entries()) {
    const timestamp = formatInstant(NOW - (picture.length - index) * hours * 3_600_000);
    await kaizen.record({
      agent,
      success: sign === "+",
      timestamp,
      ...(sign === "+" ? {} : { error: "boom" }),
      ...extra,
    });
  }
}

describe("the demo's project", () => {
  let overview: OverviewModel;
  let agent: AgentModel;
  let kaizen: Kaizen;

  beforeAll(async () => {
    kaizen = newKaizen();
    await playDemo(kaizen);
    overview = await kaizen.dashboard.overview("acme");
    agent = await kaizen.dashboard.agent(TEST_WRITER, "acme");
  });

  test("its models are what the schema says", () => {
    expect(overviewModelSchema.strict().parse(overview)).toEqual(overview);
    expect(agentModelSchema.strict().parse(agent)).toEqual(agent);
  });

  test("they have the figures of the summary, and its sentence", async () => {
    const { stats } = await kaizen.summary(TEST_WRITER);
    const row = overview.agents.find(({ name }) => name === TEST_WRITER);
    expect(row).toMatchObject({
      runs: stats.success.runs,
      successes: stats.success.successes,
      evidence: stats.success.evidence,
    });
    expect(agent.agent).toEqual(row);
    expect(agent.story.runs).toHaveLength(stats.success.runs);
    const sumOf = (parts: readonly { runs: number; successes: number }[]) => ({
      runs: parts.reduce((sum, { runs }) => sum + runs, 0),
      successes: parts.reduce((sum, { successes }) => sum + successes, 0),
    });
    const { runs, successes } = stats.success;
    expect(sumOf(agent.story.bins)).toEqual({ runs, successes });
    expect(sumOf(agent.days.rows)).toEqual({ runs, successes });
  });

  test("the adoption is a cut of the story, and no bin has it inside", () => {
    const adopted = agent.story.cuts.find(({ kind }) => kind === "adopted");
    expect(adopted?.after).toBe(20);
    expect(agent.story.bins.filter(({ from, to }) => from < 20 && to > 20)).toEqual([]);
  });

  test("runs are searched, and one is shown with what verifications found", async () => {
    const failures = await kaizen.dashboard.runs({ agent: TEST_WRITER, outcome: "failure", text: "TIMEOUT" });
    expect(runsModelSchema.strict().parse(failures)).toEqual(failures);
    expect(failures.runs.map(({ words }) => words.includes("TimeoutError"))).toEqual(Array(8).fill(true));
    expect(failures).toMatchObject({ searched: 40, is_complete: true });
    const [refuted] = (await kaizen.dashboard.runs({ agent: TEST_WRITER, outcome: "refuted" })).runs;
    const run = await kaizen.dashboard.run(TEST_WRITER, refuted?.id ?? "");
    expect(runModelSchema.strict().parse(run)).toEqual(run);
    expect(run.verifications).toMatchObject([{ by: "ci", success: false, counts: true }]);
    expect(JSON.parse(run.record)).toMatchObject({ agent: TEST_WRITER, success: true });
  });

  test("what is not there is said with what may be meant", async () => {
    await expect(kaizen.dashboard.agent("test-writter", "acme")).rejects.toMatchObject({
      code: "NOT_FOUND",
      hint: 'Did you mean "test-writer"?',
    });
    expect(await codeOf(kaizen.dashboard.run(TEST_WRITER, "run_00000000000000000000"))).toBe("NOT_FOUND");
  });
});

test("a project without runs has an overview without rows", async () => {
  expect(await newKaizen().dashboard.overview("new")).toMatchObject({
    headline: "No run is on record yet.",
    agent_count: 0,
    agents: [],
    comparison: [],
  });
});

test("the agent that declines comes first, also before one with a lower rate, and is named in the headline", async () => {
  const kaizen = newKaizen();
  await play(kaizen, "always-so", "+--".repeat(15));
  await play(kaizen, "good", "+".repeat(40));
  await play(kaizen, "falling", `${"+".repeat(30)}${"+---".repeat(4)}`);
  await play(kaizen, "new", "-");
  const { agents, headline, worth_a_look } = await kaizen.dashboard.overview("acme");
  expect(agents.map(({ name }) => name)).toEqual(["falling", "always-so", "good", "new"]);
  expect(headline).toMatch(/^1 declining: falling, \d+ of the last \d+ succeeded/);
  expect(worth_a_look[0]).toMatchObject({ agent: "falling", kind: "declining" });
});

test("of more agents than are shown, nothing is said of the others, whose runs nobody has counted", async () => {
  const kaizen = newKaizen();
  for (let place = 0; place <= SHOWN_AGENTS; place += 1) await play(kaizen, `agent-${place}`, "+");
  const { agents, agent_count, headline, run_count } = await kaizen.dashboard.overview("acme");
  expect([agents.length, agent_count, run_count]).toEqual([SHOWN_AGENTS, SHOWN_AGENTS + 1, SHOWN_AGENTS]);
  expect(headline).toBe("Of the 100 agents at work last, no agent has the 10 runs yet that a verdict needs.");
});

test("a model is as large after many runs as after some", async () => {
  const sizes: number[] = [];
  for (const runs of [240, 480]) {
    const kaizen = newKaizen();
    await play(kaizen, "worker", "+++-".repeat(runs / 4), {}, 480 / runs);
    sizes.push(JSON.stringify(await kaizen.dashboard.agent("worker", "acme")).length);
  }
  const [some = 0, many = 0] = sizes;
  expect(Math.abs(many - some)).toBeLessThan(200);
  expect(many).toBeLessThan(40_000);
});

test("text that agents wrote comes on one line, without what hides", async () => {
  const kaizen = newKaizen();
  await play(kaizen, "worker", "+--", { error: HOSTILE_TEXT, error_type: HOSTILE_TEXT, task: HOSTILE_TEXT });
  await kaizen.writeAnalysis({
    report: {},
    recommendations: [{ agent: "worker", title: HOSTILE_TEXT, detail: HOSTILE_TEXT }],
  });
  const models = [
    await kaizen.dashboard.overview(HOSTILE_TEXT),
    await kaizen.dashboard.agent("worker", HOSTILE_TEXT),
    await kaizen.dashboard.runs({ agent: "worker" }),
  ];
  const texts: string[] = [];
  JSON.stringify(models, (name, value) => {
    if (typeof value === "string" && name !== "text") texts.push(value);
    return value;
  });
  expect(texts.filter((text) => /[^\P{C}]|[\u2028\u2029]/u.test(text))).toEqual([]);
});
