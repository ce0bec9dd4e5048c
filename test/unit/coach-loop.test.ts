import { expect, test } from "vitest";
import { coachBrief } from "../../src/domain/coaching/brief.ts";
import {
  foldRecommendations,
  isRealChange,
  type RecommendationEvent,
} from "../../src/domain/coaching/recommendation.ts";
import { baselineOf, type RunOutcome, sinceThen } from "../../src/domain/coaching/since-then.ts";
import { computeStats, outcomeIn } from "../../src/domain/figures/stats.ts";
import { summarise } from "../../src/domain/figures/summary.ts";
import { nothingVerified } from "../../src/domain/verification/verified-view.ts";
import { idOf, recordsOf, timestampOf, viewOf } from "../support/histories.ts";

const REC = `rec_${"c".repeat(20)}`;
const bad = `${"+".repeat(20)}-+-+--+-----`;

async function lookAt(picture: string) {
  const view = await viewOf(recordsOf(picture, (_, success) => (success ? {} : { error: "tests not run" })));
  const runs: RunOutcome[] = view.recent.map((run) => ({ ...run, success: outcomeIn(nothingVerified, run) }));
  return { view, runs, stats: computeStats({ view, verified: nothingVerified, unreadable: 0 }) };
}

const moment = (ordinal: number) => ({
  timestamp: timestampOf(ordinal),
  execution_count: ordinal,
  after_execution: idOf(ordinal),
});

test("an agent declines, advice is proposed and adopted, and the brief says how runs went since", async () => {
  const declining = await lookAt(bad);
  expect(declining.stats.success).toMatchObject({
    verdict: "declining",
    evidence: "declining since about 2026-11-01T20:00Z: 3 of 12, before that 20 of 20 (P 0.99)",
    declining_since: timestampOf(21),
  });

  const entries = [
    {
      timestamp: timestampOf(32),
      agent: "reviewer",
      metrics_count: 32,
      recommendations: [{ id: REC, title: "Run the tests" }],
    },
  ];
  const proposed: RecommendationEvent = { id: REC, change: "proposed", ...moment(32) };
  const [proposal] = foldRecommendations(entries, [proposed]);
  if (proposal === undefined) throw new Error("it was proposed");
  expect(isRealChange(proposal, "adopted")).toBe(true);

  // By hand: of the 32 runs the last 5 failed before the proposal; 23 of the other 27 succeeded.
  const before = baselineOf(declining.runs, proposal.proposed);
  expect(before).toEqual({ runs: 27, successes: 23, left_out: 5, outcomes: `${"1".repeat(20)}010100100000` });
  const adopted: RecommendationEvent = { id: REC, change: "adopted", before, ...moment(32) };

  const evidence = [];
  for (const later of [7, 12, 150]) {
    const { view, runs, stats } = await lookAt(bad + "+".repeat(later));
    const recommendations = foldRecommendations(entries, [proposed, adopted]).map((recommendation) => ({
      ...recommendation,
      sinceThen: sinceThen(recommendation, runs),
    }));
    evidence.push(recommendations[0]?.sinceThen?.evidence);
    const brief = coachBrief(
      { summary: summarise("reviewer", view), stats, contradictions: 0, recommendations },
      "full",
    );
    expect(brief).toContain(`Adopted ${timestampOf(32)}, in force: \`Run the tests\` (${REC}); ${evidence.at(-1)}\n`);
  }
  expect(evidence).toMatchInlineSnapshot(`
    [
      "too early: 7 of 7 after, 23 of 27 before (the 5 failures that triggered the advice are not counted); 3 more runs needed",
      "no clear change since then: 12 of 12 after, 23 of 27 before (the 5 failures that triggered the advice are not counted; Bayes factor 0.5)",
      "better since then: 150 of 150 after, 23 of 27 before (the 5 failures that triggered the advice are not counted; Bayes factor 94); whatever else changed on that day is in it",
    ]
  `);
});
