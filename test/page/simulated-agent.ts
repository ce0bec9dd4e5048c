import { compareSince } from "../../src/domain/coaching/since-then.ts";
import type { AdviceModel, AgentModel, AgentRow, Cut, Day, Rated } from "../../src/domain/dashboard/view-model.ts";
import { rateChange } from "../../src/domain/figures/rate-change.ts";
import { median, rateOf, wilsonInterval } from "../../src/domain/statistics/statistics.ts";
import { seededRandom } from "../support/random.ts";

// An agent of whose runs everything is known, as the view model has it. Rounded, and otherwise as the use cases count.

export const now = Date.UTC(2026, 10, 28, 16, 40);
const HOUR_MS = 3_600_000;

export interface Simulated {
  readonly name: string;
  readonly runs: number;
  /** The true rate of each run, from 0 to 1 of the way. */
  readonly rateAt: (part: number) => number;
  readonly hoursBetween: number;
  readonly endedHoursAgo: number;
  readonly seconds: number;
  /** The share of runs that a check looks at, and the share of refuted ones among their successes. */
  readonly checked?: number;
  readonly refuted?: number;
  readonly coverage?: number;
  readonly failures: readonly (readonly [signature: string, example: string])[];
  readonly tasks: readonly string[];
  readonly adopted?: readonly [part: number, title: string];
  readonly proposed?: readonly string[];
  readonly trial?: AdviceModel["trial"];
  readonly underWay?: number;
}

export const ratedOf = (successes: number, runs: number): Rated => {
  const [low, high] = wilsonInterval({ runs, successes });
  return { runs, successes, rate: rateOf({ runs, successes }) ?? null, low, high };
};

const STORY = 200;
const BIN = 20;

export function simulatedAgent(agent: Simulated, seed: number) {
  const random = seededRandom(seed);
  const runs = Array.from({ length: agent.runs }, (_, place) => {
    const part = place / agent.runs;
    const success = random() < agent.rateAt(part);
    const isVerified = random() < (agent.checked ?? 0);
    const isRefuted = isVerified && success && random() < (agent.refuted ?? 0);
    const at =
      now - (agent.endedHoursAgo + (agent.runs - 1 - place) * agent.hoursBetween) * HOUR_MS - random() * HOUR_MS;
    const outcome = isRefuted ? ("r" as const) : success ? ("s" as const) : ("f" as const);
    const isBad = agent.rateAt(part) < 0.55;
    return {
      id: `run_${seed}_${place}`,
      at,
      outcome,
      isVerified,
      isGood: outcome === "s",
      task: agent.tasks[Math.floor(random() * agent.tasks.length)] ?? null,
      time: agent.seconds * (isBad ? 1.9 : 1) * Math.exp(1.1 * (random() - 0.5)),
      kind: success ? null : Math.floor(random() ** 1.7 * agent.failures.length),
    };
  });
  const judged = runs.map((run) => ({
    success: run.isGood,
    isVerified: run.isVerified,
    timestamp: new Date(run.at).toISOString(),
    at: run.at,
  }));
  const change = rateChange(judged.slice(-STORY));
  const verified = runs.filter((run) => run.isVerified);
  const claimed = verified.filter((run) => run.outcome !== "f").length;
  const found = verified.filter((run) => run.isGood).length;
  const good = runs.filter((run) => run.isGood).length;
  const started = Math.round(agent.runs / (agent.coverage ?? 1));
  const cost = { runs: agent.runs, per_run: agent.seconds / 900, per_verified_success: agent.seconds / 700 };
  const row: AgentRow = {
    name: agent.name,
    ...ratedOf(good, agent.runs),
    verdict: change.verdict,
    evidence: change.evidence,
    since: change.since,
    before: change.before,
    last_at: new Date(runs.at(-1)?.at ?? now).toISOString(),
    strip: runs
      .slice(-40)
      .map(({ outcome }) => outcome)
      .join(""),
    verified: {
      runs: verified.length,
      rate: verified.length === 0 ? null : found / verified.length,
      claimed_rate: verified.length === 0 ? null : claimed / verified.length,
      gap: verified.length === 0 ? null : (claimed - found) / verified.length,
    },
    coverage: agent.coverage === undefined ? null : { started, ended: started, reported: agent.runs },
    median_time_s: Math.round((median(runs.map(({ time }) => time)) ?? 0) * 10) / 10,
    cost: agent.seconds > 20 ? cost : null,
    under_way: agent.underWay ?? 0,
  };
  const story = runs.slice(-STORY);
  const first = runs.length - story.length;
  const cutAt = agent.adopted === undefined ? undefined : Math.round(agent.adopted[0] * agent.runs);
  const cuts: Cut[] = change.changes
    .filter(({ after }) => cutAt === undefined || Math.abs(after - (cutAt - first)) > 12)
    .map(({ after, timestamp }) => ({ after, kind: "change", at: timestamp, label: "the rate changed" }));
  const since =
    cutAt === undefined
      ? undefined
      : sinceOf(
          runs.map(({ isGood }) => isGood),
          cutAt,
        );
  const advice: AdviceModel[] = [];
  if (agent.adopted !== undefined && cutAt !== undefined && since !== undefined) {
    const at = new Date(runs[cutAt]?.at ?? now).toISOString();
    cuts.push({ after: cutAt - first, kind: "adopted", at, label: `adopted: ${agent.adopted[1]}` });
    advice.push(adviceOf(agent, agent.adopted[1], { status: "adopted", changed_at: at, since_then: since }));
  }
  for (const title of agent.proposed ?? []) advice.push(adviceOf(agent, title, {}));
  if (agent.trial)
    advice.push(adviceOf(agent, "Read the failing log to its end before changing code", { trial: agent.trial }));
  const failures = agent.failures.map(([signature, example], kind) => {
    const places = runs.flatMap((run, place) => (run.kind === kind ? [place] : []));
    const [last = 0, before] = [places.at(-1), places.at(-2)];
    return {
      agent: agent.name,
      signature,
      example,
      count: places.length,
      first_at: new Date(runs[places[0] ?? 0]?.at ?? now).toISOString(),
      last_at: new Date(runs[last]?.at ?? now).toISOString(),
      runs_since: agent.runs - 1 - last,
      back_after: before === undefined || last - before < 6 ? null : last - before - 1,
      at: places.slice(-60).map((place) => Math.floor((runs[place]?.at ?? now) / 60_000)),
    };
  });
  return {
    row,
    runs,
    advice,
    failures: failures.filter(({ count }) => count > 1).sort((a, b) => b.count - a.count),
    days: daysOf(runs),
    story: {
      runs: story.map((run) => ({
        id: run.id,
        at: new Date(run.at).toISOString(),
        outcome: run.outcome,
        time_s: Math.round(run.time * 10) / 10,
        quality: null,
        task: run.task,
        kind: run.kind,
      })),
      bins: binsOf(
        story.map(({ isGood }) => isGood),
        cuts,
      ),
      cuts,
      kinds: agent.failures.map(([signature, example], kind) => ({
        signature,
        example,
        count: story.filter((run) => run.kind === kind).length,
      })),
      median_time_s: row.median_time_s,
    } satisfies AgentModel["story"],
  };
}

function adviceOf(agent: Simulated, title: string, more: Partial<AdviceModel>): AdviceModel {
  return {
    id: `rec_${title.length}`,
    agent: agent.name,
    title,
    detail: null,
    status: "proposed",
    priority: 1,
    proposed_at: new Date(now - 60 * HOUR_MS).toISOString(),
    changed_at: null,
    since_then: null,
    trial: null,
    ...more,
  };
}

function sinceOf(outcomes: readonly boolean[], cut: number): NonNullable<AdviceModel["since_then"]> {
  const before = outcomes.slice(Math.max(0, cut - 60), cut);
  const successes = before.filter(Boolean).length;
  const bits = before.map((good) => (good ? "1" : "0")).join("");
  const found = compareSince({ runs: before.length, successes, left_out: 1, outcomes: bits }, outcomes.slice(cut));
  return {
    verdict: found.verdict,
    before: ratedOf(successes, before.length),
    after: ratedOf(found.after.successes, found.after.runs),
    left_out: 1,
    more_runs_needed: found.more_runs_needed,
    evidence: found.evidence,
  };
}

function binsOf(outcomes: readonly boolean[], cuts: readonly Cut[]): AgentModel["story"]["bins"] {
  const ends = [...new Set([0, ...cuts.map(({ after }) => after), outcomes.length])].sort((a, b) => a - b);
  return ends.slice(1).flatMap((end, place) => {
    const start = ends[place] ?? 0;
    const count = Math.max(1, Math.round((end - start) / BIN));
    return Array.from({ length: count }, (_, bin) => {
      const [from, to] = [bin, bin + 1].map((part) => start + Math.round((part * (end - start)) / count));
      const [first = 0, last = 0] = [from, to];
      const good = outcomes.slice(first, last).filter(Boolean).length;
      return { from: first, to: last, ...ratedOf(good, last - first) };
    });
  });
}

function daysOf(runs: readonly { at: number; isGood: boolean }[]): Day[] {
  const days = new Map<string, [number, number]>();
  for (const { at, isGood } of runs) {
    const day = new Date(at).toISOString().slice(0, 10);
    const [good, all] = days.get(day) ?? [0, 0];
    days.set(day, [good + Number(isGood), all + 1]);
  }
  return [...days].map(([day, [good, all]]) => ({ day, ...ratedOf(good, all) }));
}
