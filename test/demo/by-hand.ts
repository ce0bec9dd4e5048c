import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The effect of a recommendation, counted from the files alone, as a reader would with a pencil: nothing here comes from
 * the program that is being shown.
 */
export function effectByHand(metrics: string, agent: string, recommendation: string): string[] {
  const runs = linesOf(join(metrics, agent, "executions.jsonl"));
  const verifications = linesOf(join(metrics, agent, "verifications.jsonl"));
  const events = linesOf(join(metrics, "optimizer", "recommendation-events.jsonl"));
  const checked = new Map(verifications.map((verification) => [verification.execution_id, verification.success]));
  const outcomes = runs.map((run) => checked.get(run.id) ?? run.success);
  const runsUntil = (change: string) => {
    const event = events.find((line) => line.id === recommendation && line.change === change);
    return runs.findIndex((run) => run.id === event?.after_execution) + 1;
  };
  const [proposed, adopted] = [runsUntil("proposed"), runsUntil("adopted")];
  let streak = proposed;
  while (streak > 0 && outcomes[streak - 1] === false) streak -= 1;

  const before = [...outcomes.slice(0, streak), ...outcomes.slice(proposed, adopted)];
  const after = outcomes.slice(adopted);
  const [successes, failures] = [countOf(before, true), countOf(before, false)];
  const sign = (outcome: unknown, index: number) => (outcome === runs[index]?.success ? (outcome ? "." : "x") : "!");
  const signs = outcomes.map(sign).join("");
  const lines = [
    `${agent}/executions.jsonl, one sign a line (. success, x failure, ! called a success and refuted by a verification):`,
    `  ${signs.slice(0, streak)} | ${signs.slice(streak, proposed)} | ${signs.slice(adopted)}`,
    `  lines 1 to ${streak}, before: ${successes} of ${before.length} succeeded; the ! counts as a failure`,
    `  lines ${streak + 1} to ${proposed}: the ${proposed - streak} failures that led to the advice, left out of both sides`,
    `  lines ${adopted + 1} to ${runs.length}, after the adoption: ${countOf(after, true)} of ${after.length} succeeded`,
  ];
  if (countOf(after, false) > 0) return lines;

  // With no failure after, the probability is 1 minus the (n + 1)th moment of the beta distribution of the rate before.
  const above = Array.from({ length: failures + 1 }, (_, index) => successes + 1 + index);
  const below = above.map((factor) => factor + after.length + 1);
  const p = 1 - above.reduce((product, factor, index) => (product * factor) / (below[index] ?? 1), 1);
  return [
    ...lines,
    "P that the rate after is the greater one, from uniform priors; short, since no run failed after:",
    `  1 - (${above.join(" * ")}) / (${below.join(" * ")}) = ${p.toFixed(3)}`,
    `  ${after.length} runs (10 are needed), P ${p.toFixed(3)} (0.975), rates ${(1 - successes / before.length).toFixed(2)} apart (0.10): all three are met, so it helped.`,
  ];
}

type Line = Readonly<Record<string, unknown>>;

function linesOf(path: string): Line[] {
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line));
}

function countOf(outcomes: readonly unknown[], outcome: boolean): number {
  return outcomes.filter((one) => one === outcome).length;
}
