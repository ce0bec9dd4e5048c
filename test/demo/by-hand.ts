import { readFileSync } from "node:fs";
import { join } from "node:path";

// What the program says, counted from the files alone, as a reader would with a pencil: nothing here comes from the program
// that is being shown.

/** How likely the runs of an agent are with one rate, and with a change between morning and afternoon. */
export function changeByHand(metrics: string, agent: string): string[] {
  const outcomes = outcomesOf(metrics, agent);
  const half = outcomes.length / 2;
  const parts = [outcomes, outcomes.slice(0, half), outcomes.slice(half)];
  const [one = 0, first = 0, second = 0] = parts.map(likelihood);
  const formula = (part: readonly unknown[]) => {
    const successes = countOf(part, true);
    return `2 * ${successes + 1}! * ${part.length - successes}! / ${part.length + 2}!`;
  };
  const weight = (first * second) / 250 / one;
  const all = waysWithAChange(outcomes) / one;
  return [
    `n runs with k successes, and one rate: 2 (k + 1)! (n - k)! / (n + 2)!, for agents succeed more often than not.`,
    `  all ${outcomes.length}, of which ${countOf(outcomes, true)} succeeded: ${formula(outcomes)} = ${one.toExponential(2)}`,
    `  ${countOf(parts[1] ?? [], true)} of ${half} before noon: ${formula(parts[1] ?? [])} = ${first.toFixed(4)}`,
    `  ${countOf(parts[2] ?? [], true)} of ${half} after it: ${formula(parts[2] ?? [])} = ${second.toFixed(4)}`,
    `A change is expected every 250 runs: a change at noon weighs ${first.toFixed(4)} * ${second.toFixed(4)} / 250 / ${one.toExponential(2)} = ${weight.toFixed(2)} against none;`,
    `changes at any place, with at least 3 runs on each side, weigh ${all.toFixed(2)}: P = ${all.toFixed(2)} / (1 + ${all.toFixed(2)}) = ${(all / (1 + all)).toFixed(2)}.`,
  ];
}

/** The runs since an adoption against those before it. */
export function sinceThenByHand(metrics: string, agent: string, recommendation: string): string[] {
  const runs = linesOf(join(metrics, agent, "executions.jsonl"));
  const outcomes = outcomesOf(metrics, agent);
  const events = linesOf(join(metrics, "optimizer", "recommendation-events.jsonl"));
  const runsUntil = (change: string) => {
    const event = events.find((line) => line.id === recommendation && line.change === change);
    return runs.findIndex((run) => run.id === event?.after_execution) + 1;
  };
  const [proposed, adopted] = [runsUntil("proposed"), runsUntil("adopted")];
  let streak = proposed;
  while (streak > 0 && outcomes[streak - 1] === false) streak -= 1;

  const before = [...outcomes.slice(0, streak), ...outcomes.slice(proposed, adopted)];
  const after = outcomes.slice(adopted);
  const both = [...before, ...after];
  const sign = (outcome: unknown, index: number) => (outcome === runs[index]?.success ? (outcome ? "." : "x") : "!");
  const signs = outcomes.map(sign).join("");
  const ways = (part: readonly unknown[]) => binomial(part.length, countOf(part, true));
  const name = (part: readonly unknown[]) => `${part.length + 1} * C(${part.length}, ${countOf(part, true)})`;
  const factor =
    ((both.length + 1) * ways(both)) / ((before.length + 1) * ways(before) * (after.length + 1) * ways(after));
  const apart = countOf(after, true) / after.length - countOf(before, true) / before.length;
  return [
    `${agent}/executions.jsonl, one sign a line (. success, x failure, ! called a success and refuted by a verification):`,
    `  ${signs.slice(0, streak)} | ${signs.slice(streak, proposed)} | ${signs.slice(adopted)}`,
    `  lines 1 to ${streak}, before: ${countOf(before, true)} of ${before.length} succeeded; the ! counts as a failure`,
    `  lines ${streak + 1} to ${proposed}: the ${proposed - streak} failures right before the proposal, left out of both sides`,
    `  lines ${adopted + 1} to ${runs.length}, after the adoption: ${countOf(after, true)} of ${after.length} succeeded`,
    "How many times likelier are two rates than one, if every rate was held equally likely? C(n, k) are the ways to pick k of n:",
    `  ${name(both)} / (${name(before)} * ${name(after)}) = ${factor.toFixed(1)}`,
    `  ${after.length} runs (10 are needed), a factor of ${factor.toFixed(1)} (20), rates ${apart.toFixed(2)} apart (0.10): better since then.`,
    "  Whether the advice did that, nobody can say from this: what else changed in the night is in it.",
  ];
}

/** A trial whose coins showed the advice to half of the runs: E and the Bayes factor from the four counts. */
export function trialByHand(metrics: string, agent: string, trial: string): string[] {
  const sides = new Map<unknown, boolean>();
  for (const { assigned, key } of linesOf(join(metrics, agent, "lifecycle.jsonl"))) {
    const side = (assigned as Record<string, boolean> | undefined)?.[trial];
    if (side !== undefined && !sides.has(key)) sides.set(key, side);
  }
  const keys = linesOf(join(metrics, agent, "executions.jsonl")).map((run) => run.idempotency_key);
  const outcomes = outcomesOf(metrics, agent);
  const arm = (side: boolean) => outcomes.filter((_, index) => sides.get(keys[index]) === side);
  const [shown, not] = [arm(true), arm(false)];
  const [k1, n1, k0, n0] = [countOf(shown, true), shown.length, countOf(not, true), not.length];
  const rates = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95];
  const pairs = rates.flatMap((a) => rates.filter((b) => b - a > 0.099).map((b) => [a, b] as const));
  const bets = pairs.map(([a, b]) => {
    const good = (a + b) / 2;
    const bad = 1 - good;
    return (b / good) ** k1 * ((1 - b) / bad) ** (n1 - k1) * (a / good) ** k0 * ((1 - a) / bad) ** (n0 - k0);
  });
  const e = bets.reduce((sum, bet) => sum + bet, 0) / bets.length;
  const ways = (n: number, k: number) => (n + 1) * binomial(n, k);
  const factor = ways(n1 + n0, k1 + k0) / (ways(n1, k1) * ways(n0, k0));
  return [
    `  lifecycle.jsonl says on which side each run was, before it began: ${k1} of ${n1} shown succeeded, ${k0} of ${n0} not shown`,
    `  E is the mean, over ${pairs.length} pairs of rates a < b, of (b/m)^${k1} ((1-b)/(1-m))^${n1 - k1} (a/m)^${k0} ((1-a)/(1-m))^${n0 - k0}`,
    `  with m = (a + b) / 2, as the coin is fair: E = ${roundedDown(e)}`,
    `  Bayes factor: ${n1 + n0 + 1} * C(${n1 + n0}, ${k1 + k0}) / (${n1 + 1} * C(${n1}, ${k1}) * ${n0 + 1} * C(${n0}, ${k0})) = ${roundedDown(factor)}`,
    "  Both are 20 or more: the advice helped. If it did nothing, that would be seen in at most one of twenty trials.",
  ];
}

type Line = Readonly<Record<string, unknown>>;

function linesOf(path: string): Line[] {
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line));
}

/** What counts of each run: what a check found, else what the run claimed. */
function outcomesOf(metrics: string, agent: string): unknown[] {
  const verifications = linesOf(join(metrics, agent, "verifications.jsonl"));
  const checked = new Map(verifications.map((verification) => [verification.execution_id, verification.success]));
  return linesOf(join(metrics, agent, "executions.jsonl")).map((run) => checked.get(run.id) ?? run.success);
}

function countOf(outcomes: readonly unknown[], outcome: boolean): number {
  return outcomes.filter((one) => one === outcome).length;
}

function likelihood(outcomes: readonly unknown[]): number {
  const successes = countOf(outcomes, true);
  const below = (outcomes.length + 2) * binomial(outcomes.length + 1, successes + 1);
  return 2 / below;
}

/** Every way to cut the runs into stretches of three or more, but for the one without a cut. */
function waysWithAChange(outcomes: readonly unknown[]): number {
  let sum = 0;
  for (let cut = 3; cut <= outcomes.length - 3; cut += 1) {
    const first = outcomes.slice(0, cut);
    sum += ((likelihood(first) + waysWithAChange(first)) * likelihood(outcomes.slice(cut))) / 250;
  }
  return sum;
}

function binomial(n: number, k: number): number {
  return k === 0 ? 1 : (binomial(n - 1, k - 1) * n) / k;
}

/** To one decimal, so that what is shown as 20 is 20. */
function roundedDown(value: number): string {
  return (Math.floor(value * 10) / 10).toFixed(1);
}
