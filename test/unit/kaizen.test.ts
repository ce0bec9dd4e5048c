import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ExecutionFilter } from "../../src/domain/run/filter.ts";
import { DAY_MS } from "../../src/domain/run/time.ts";
import { Kaizen } from "../../src/kaizen/kaizen.ts";
import { openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { codeOf } from "../support/runs.ts";

const START = Date.UTC(2026, 10, 1);

/** The use cases over real files. The clock moves by an hour with each run; ids count up. */
function setUp(root = fastTemporaryFolder()) {
  let ids = 0;
  let now = START;
  const open = () =>
    new Kaizen({
      store: openJsonl(root, { now: () => now, retentionDays: 180 }),
      now: () => now,
      randomHex: () => (++ids).toString(16).padStart(20, "0").padEnd(32, "0"),
      retentionDays: 180,
    });
  const kaizen = open();
  return {
    root,
    kaizen,
    open,
    file: (name: string) => readFileSync(join(root, ".kaizen", "metrics", name), "utf8"),
    /** Records runs from a picture, `+` for a success and `-` for a failure; gives their ids. */
    async run(picture: string, more: object = {}): Promise<string[]> {
      const recorded: string[] = [];
      for (const mark of picture.replaceAll(" ", "")) {
        now += DAY_MS / 24;
        const failure = mark === "-" ? { error_type: "TestFailure", error: "3 tests failed" } : {};
        const receipt = await kaizen.record({ agent: "reviewer", success: mark === "+", ...failure, ...more });
        if (receipt.id !== null) recorded.push(receipt.id);
      }
      return recorded;
    },
  };
}

const report = { report: { focus: "reviewer" } };
const advice = (title: string, agent = "reviewer") => ({ agent, title });

describe("the whole loop", () => {
  test("from a decline over advice that is adopted to the brief that says how runs went since, through real files", async () => {
    const { kaizen, open, run, file } = setUp();
    await run("++++++++++ ++++++++++ -+-+--+-----");
    const declining = await kaizen.brief("reviewer", "short");
    expect(declining).toContain("Declining since 2026-11-01: 3 of 12, 20 of 20 before.");

    const { recommendation_ids } = await kaizen.writeAnalysis({
      ...report,
      recommendations: [{ ...advice("Run the tests before you answer"), priority: 1 }, advice("Be bold", "writer")],
    });
    const [id = ""] = recommendation_ids;
    expect(await kaizen.brief("reviewer", "short")).toContain(
      `Open, priority 1: \`Run the tests before you answer\` (${id})`,
    );
    const adopted = await kaizen.updateRecommendation({ id, status: "adopted", note: "in version 2" });

    // By hand: of the 32 runs the last 5 failed before the proposal; 23 of the other 27 succeeded.
    expect(adopted).toMatchObject({
      status: "adopted",
      note: "in version 2",
      adopted: { execution_count: 32, before: { runs: 27, successes: 23, left_out: 5 } },
      sinceThen: { verdict: "too_early", after: { runs: 0, successes: 0 }, more_runs_needed: 10 },
    });
    await run("+++++++");
    const [early] = await kaizen.recommendations("reviewer");
    expect(early?.sinceThen?.evidence).toBe(
      "too early: 7 of 7 after, 23 of 27 before (the 5 failures that triggered the advice are not counted); 3 more runs needed",
    );
    await run("+".repeat(23));
    const since =
      "no clear change since then: 30 of 30 after, 23 of 27 before (the 5 failures that triggered the advice are not counted; Bayes factor 1.5)";
    const briefs = [await kaizen.brief("reviewer", "short"), await open().brief("reviewer", "short")];
    expect(briefs[0]).toContain("Adopted, in force, no clear change since (30 of 30 since; 23 of 27 before): ");
    expect(await kaizen.brief("reviewer", "full")).toContain(since);
    expect(briefs[1]).toBe(briefs[0]);

    expect(file("optimizer/recommendation-events.jsonl")).toMatchInlineSnapshot(`
      "{"after_execution": "run_00000000000000000020", "change": "proposed", "execution_count": 32, "id": "rec_00000000000000000021", "timestamp": "2026-11-02T08:00:00Z"}
      {"after_execution": null, "change": "proposed", "execution_count": 0, "id": "rec_00000000000000000022", "timestamp": "2026-11-02T08:00:00Z"}
      {"after_execution": "run_00000000000000000020", "before": {"left_out": 5, "outcomes": "11111111111111111111010100100000", "runs": 27, "successes": 23}, "change": "adopted", "execution_count": 32, "id": "rec_00000000000000000021", "note": "in version 2", "timestamp": "2026-11-02T08:00:00Z"}
      "
    `);
    expect(file("optimizer/recommendations.jsonl")).toMatchInlineSnapshot(`
      "{"agent": "reviewer", "metrics_count": 32, "recommendations": [{"id": "rec_00000000000000000021", "priority": 1, "title": "Run the tests before you answer"}], "timestamp": "2026-11-02T08:00:00Z"}
      {"agent": "writer", "metrics_count": 0, "recommendations": [{"id": "rec_00000000000000000022", "title": "Be bold"}], "timestamp": "2026-11-02T08:00:00Z"}
      "
    `);
  });

  test("counts what verifications found, and not what runs claimed, before and after an adoption", async () => {
    const { kaizen, run } = setUp();
    const claimed = await run("+".repeat(20));
    const verify = (id: string, success: boolean) =>
      kaizen.verify({ agent: "reviewer", execution_id: id, success, verified_by: "tests" });
    for (const id of claimed.slice(0, 8)) await verify(id, false);
    const { recommendation_ids } = await kaizen.writeAnalysis({
      ...report,
      recommendations: [advice("Run the tests")],
    });
    const [id = ""] = recommendation_ids;
    const { adopted } = await kaizen.updateRecommendation({ id, status: "adopted" });
    expect(adopted?.before).toEqual({
      runs: 20,
      successes: 12,
      left_out: 0,
      outcomes: `${"0".repeat(8)}${"1".repeat(12)}`,
    });
    for (const later of await run("+".repeat(15))) await verify(later, true);
    const [measured] = await kaizen.recommendations();
    expect(measured?.sinceThen).toMatchObject({
      verdict: "no_clear_change",
      after: { runs: 15, successes: 15 },
      evidence: expect.stringContaining("it had changed before the adoption, about 12 runs earlier"),
    });
    expect((await kaizen.summary("reviewer")).stats).toMatchObject({
      success: { runs: 35, successes: 27 },
      verified: { runs: 23, successes: 15, claimed_rate: 1, gap: 8 / 23 },
    });
    expect((await kaizen.summary("reviewer")).summary.success_rate).toBe(1);
  });
});

describe("a verification", () => {
  test("gets a receipt with both outcomes and both rates", async () => {
    const { kaizen, run, file } = setUp();
    const [first = "", second = ""] = await run("++");
    const verification = { agent: "reviewer", execution_id: first, success: false };
    await kaizen.verify({ ...verification, execution_id: second, success: true, verified_by: "ci" });
    expect(await kaizen.verify({ ...verification, verified_by: "tests", evidence: "3 of 41 tests fail" })).toEqual({
      agent: "reviewer",
      execution_id: first,
      claimed: true,
      verified: false,
      verified_by: "tests",
      contradiction: null,
      verified_runs: 2,
      verified_rate: 0.5,
      claimed_rate: 1,
    });
    expect(await kaizen.verify({ ...verification, success: true, verified_by: "human" })).toMatchObject({
      verified: true,
      contradiction: "Verifiers contradict each other: success by human; failure by tests. human counts.",
      verified_runs: 2,
      verified_rate: 1,
    });
    expect((await kaizen.summary("reviewer")).contradictions).toBe(1);
    expect(file("reviewer/verifications.jsonl").replaceAll("0000000000000000000", "0…")).toMatchInlineSnapshot(`
      "{"agent": "reviewer", "claimed": true, "executed_at": "2026-11-01T02:00:00Z", "execution_id": "run_0…2", "success": true, "timestamp": "2026-11-01T02:00:00Z", "verified_by": "ci"}
      {"agent": "reviewer", "claimed": true, "evidence": "3 of 41 tests fail", "executed_at": "2026-11-01T01:00:00Z", "execution_id": "run_0…1", "success": false, "timestamp": "2026-11-01T02:00:00Z", "verified_by": "tests"}
      {"agent": "reviewer", "claimed": true, "earlier": {"tests": false}, "executed_at": "2026-11-01T01:00:00Z", "execution_id": "run_0…1", "success": true, "timestamp": "2026-11-01T02:00:00Z", "verified_by": "human"}
      "
    `);
  });

  test("of a run that is not there fails with NOT_FOUND, and says where ids come from", async () => {
    const { kaizen, run } = setUp();
    await run("+");
    const verification = { agent: "reviewer", execution_id: "run_1", success: true, verified_by: "ci" } as const;
    await expect(kaizen.verify(verification)).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: 'reviewer has no run "run_1", or it has expired.',
      hint: expect.stringContaining("receipt"),
    });
    expect(await codeOf(kaizen.verify({ ...verification, agent: "nobody" }))).toBe("NOT_FOUND");
    expect(await codeOf(kaizen.verify({ ...verification, agent: "../x" }))).toBe("INVALID_AGENT");
    expect(await kaizen.agentNames()).toEqual(["reviewer"]);
  });
});

describe("a recommendation", () => {
  test("that is not there is NOT_FOUND, with the nearest id", async () => {
    const { kaizen } = setUp();
    const { recommendation_ids } = await kaizen.writeAnalysis({ ...report, recommendations: [advice("Be kind")] });
    const [id = ""] = recommendation_ids;
    await expect(kaizen.updateRecommendation({ id: `${id}0`, status: "adopted" })).rejects.toMatchObject({
      code: "NOT_FOUND",
      hint: `Did you mean ${id}?`,
    });
    await expect(kaizen.updateRecommendation({ id: "something else", status: "adopted" })).rejects.toMatchObject({
      code: "NOT_FOUND",
      hint: expect.stringContaining("write_optimizer_analysis"),
    });
  });

  test("moves as its rules allow; the same again changes nothing", async () => {
    const { kaizen, file } = setUp();
    const { recommendation_ids } = await kaizen.writeAnalysis({ ...report, recommendations: [advice("Be kind")] });
    const [id = ""] = recommendation_ids;
    await kaizen.updateRecommendation({ id, status: "rejected", note: "too kind" });
    const events = file("optimizer/recommendation-events.jsonl");
    expect(await kaizen.updateRecommendation({ id, status: "rejected" })).toMatchObject({ note: "too kind" });
    expect(await codeOf(kaizen.updateRecommendation({ id, status: "adopted" }))).toBe("INVALID_ARGUMENT");
    expect(file("optimizer/recommendation-events.jsonl")).toBe(events);
    await kaizen.updateRecommendation({ id, status: "reopened" });
    expect(await kaizen.updateRecommendation({ id, status: "adopted" })).toMatchObject({
      status: "adopted",
      adopted: { execution_count: 0, after_execution: null, before: { runs: 0, successes: 0, left_out: 0 } },
    });
    expect((await kaizen.advice()).entries).toHaveLength(1);
  });

  test("is adopted once where several ask at the same moment, in two servers on one project", async () => {
    const { kaizen, open, run, file } = setUp();
    await run("+-+");
    const { recommendation_ids } = await kaizen.writeAnalysis({ ...report, recommendations: [advice("Be kind")] });
    const [id = ""] = recommendation_ids;
    const servers = [kaizen, open()];
    const calls = Array.from({ length: 6 }, (_, n) => servers[n % 2]?.updateRecommendation({ id, status: "adopted" }));
    for (const answer of await Promise.all(calls)) expect(answer?.status).toBe("adopted");
    expect(file("optimizer/recommendation-events.jsonl").match(/"adopted"/g)).toHaveLength(1);
  });
});

/** Two kinds of work that differ in everything: 40 runs that decline, then 12 others. Gives two instants between runs. */
async function twoKinds() {
  const { kaizen, run } = setUp();
  const verify = (id: string | undefined, success: boolean) =>
    kaizen.verify({ agent: "reviewer", execution_id: id ?? "", success, verified_by: "tests" });
  const old = { task: "review", model: "m1", version: "1" };
  const first = await run("+".repeat(15), { ...old, quality_score: 0.9, execution_time_s: 10 });
  const early = await instantAfterLast(kaizen);
  const [next] = await run(`${"+".repeat(15)}-+`, { ...old, quality_score: 0.8, execution_time_s: 20 });
  await run("--------", { ...old, quality_score: 0.97, execution_time_s: 20 });
  for (const [index, id] of first.slice(0, 12).entries()) await verify(id, index < 4);
  await verify(next, true);
  const border = await instantAfterLast(kaizen);
  const later: string[] = [];
  for (const [index, mark] of [..."+-+++-++++-+"].entries()) {
    const failure = mark === "-" ? { error_type: "TimeoutError", error: "took too long" } : {};
    const measures = { quality_score: 0.5, execution_time_s: 50 + (index % 3) };
    later.push(...(await run(mark, { task: "write", model: "m2", version: "2", ...measures, ...failure })));
  }
  for (const id of later.slice(0, 4)) await verify(id, false);
  return { kaizen, early, border };
}

async function instantAfterLast(kaizen: Kaizen): Promise<number> {
  const { executions } = await kaizen.executions("reviewer", { filter: {}, limit: 1 });
  return (executions[0]?.at ?? 0) + 1;
}

describe("a filter", () => {
  const second = (border: number): Record<string, ExecutionFilter> => ({
    since: { sinceAt: border },
    task: { task: "write" },
    model: { model: "m2" },
    version: { version: "2" },
  });

  test.each(["since", "task", "model", "version"])("by %s changes every figure", async (name) => {
    const { kaizen, border } = await twoKinds();
    const picked = await kaizen.summary("reviewer", second(border)[name]);
    // By hand: 12 runs, 9 claim success; the first 4 (+-++) were found to have failed.
    expect(picked.stats).toMatchObject({
      success: {
        runs: 12,
        successes: 6,
        rate: 0.5,
        since: { runs: 12, successes: 6 },
        before: null,
        verdict: "steady",
        declining_since: null,
      },
      quality: { reported: 12, runs: 12, median: 0.5 },
      execution_time_s: { reported: 12, runs: 12, median: 51 },
      verified: { runs: 4, successes: 0, rate: 0, claimed_rate: 0.75, gap: 0.75 },
      self_score: expect.stringContaining("All 12 quality scores are 0.50"),
      failures: [{ count: 3, example: "TimeoutError: took too long" }],
    });
    const all = await kaizen.summary("reviewer");
    // They are the last stretch of all runs, too: what they were found to score and take began with them.
    const stretch = ["quality", "execution_time_s"].flatMap((name) => [`${name}.since.runs`, `${name}.since.median`]);
    expect(unchanged(all.stats, picked.stats)).toEqual(stretch);
    // The trend is that of the last ten runs, all of which pass.
    const same = ["agent", "last_execution", "trend.success_rate", "trend.quality_score"];
    expect(unchanged(all.summary, picked.summary)).toEqual(same);
  });

  test("by until changes every figure, and one that nothing passes leaves none", async () => {
    const { kaizen, early, border } = await twoKinds();
    const picked = await kaizen.summary("reviewer", { untilAt: early });
    // By hand: 15 runs claim success; of the first 12 only 4 were found to have succeeded.
    expect(picked.stats).toMatchObject({
      success: { runs: 15, successes: 7, since: { runs: 15, successes: 7 }, before: null },
      quality: { reported: 15, median: 0.9 },
      verified: { runs: 12, successes: 4, claimed_rate: 1 },
      self_score: expect.stringContaining("All 15 quality scores are 0.90"),
      failures: [],
    });
    const all = await kaizen.summary("reviewer");
    // 7 of these 15 succeed, and by chance so many of the last stretch of all.
    expect(unchanged(all.stats, picked.stats)).toEqual(["success.since.successes"]);
    expect(unchanged(all.summary, picked.summary)).toEqual(["agent", "trend.success_rate", "trend.quality_score"]);
    expect(all.summary.trend).toEqual({ success_rate: "stable", quality_score: "stable" });
    const { trend } = (await kaizen.summary("reviewer", { untilAt: border })).summary;
    expect(trend).toEqual({ success_rate: "down", quality_score: "up" });
    const none = await kaizen.summary("reviewer", { task: "review", model: "m2" });
    expect(none.stats).toMatchObject({
      success: { runs: 0, rate: null },
      verified: { runs: 0, rate: null },
      failures: [],
    });
  });
});

/** The paths of what is the same in both; what is about damage is not about runs. */
function unchanged(all: object, picked: object, path = ""): string[] {
  return Object.entries(all).flatMap(([name, value]) => {
    const other = Reflect.get(picked, name) as unknown;
    if (name === "damaged_lines") return [];
    const isGroup =
      typeof value === "object" &&
      value !== null &&
      !Array.isArray(value) &&
      typeof other === "object" &&
      other !== null;
    if (isGroup) return unchanged(value, other, `${path}${name}.`);
    return JSON.stringify(value) === JSON.stringify(other) ? [`${path}${name}`] : [];
  });
}

test("the list of agents has the figures of each, and the stamp tells of every change", async () => {
  const { kaizen, run } = setUp();
  const stamps = [await kaizen.changeToken()];
  const [id = ""] = await run("+-");
  stamps.push(await kaizen.changeToken());
  await kaizen.verify({ agent: "reviewer", execution_id: id, success: false, verified_by: "ci" });
  stamps.push(await kaizen.changeToken());
  await kaizen.writeAnalysis({ ...report, recommendations: [advice("Be kind")] });
  stamps.push(await kaizen.changeToken());
  expect(new Set(stamps).size).toBe(4);
  const [reviewer] = await kaizen.listAgents();
  expect(reviewer).toMatchObject({
    summary: { agent: "reviewer", success_rate: 0.5 },
    stats: { success: { runs: 2, successes: 0 }, verified: { runs: 1, gap: 1 }, damaged_lines: 0 },
    contradictions: 0,
  });
  expect(await kaizen.changeToken()).toBe(stamps.at(-1));
  expect(await kaizen.changeToken("reviewer")).not.toBe(await kaizen.changeToken("writer"));
});
