import { type DayOfRuns, liveDays, liveRuns, noRuns, type RunRules, type RunsByKey } from "../run/runs-by-key.ts";
import { sumValue } from "../statistics/exact-sum.ts";
import { addMeasure, type Measured, mergeMeasured, nothingMeasured, takeMeasure } from "../statistics/measured.ts";
import {
  type EvidenceFlag,
  evidenceFlagSchema,
  type Facts,
  isSameEvidence,
  type NewEvidence,
  type RunEvidence,
  type Seen,
  seenSchema,
  withEvidence,
} from "./evidence.ts";

/** What is known of an agent's runs beyond their claims, in constant space. */
export type EvidenceHistory = RunsByKey<RunEvidence, EvidenceDay>;

/** What is summed up over runs: US dollars, seconds, tokens, or how often. */
export const evidenceMeasures = [
  "cost_usd",
  "duration_s",
  "input_tokens",
  "output_tokens",
  "cache_read_tokens",
  "cache_write_tokens",
  "tools",
  "tool_errors",
  "denied",
] as const;

type EvidenceMeasure = (typeof evidenceMeasures)[number];

const numberIn: Record<EvidenceMeasure, (facts: Facts) => number | null | undefined> = {
  cost_usd: ({ cost_usd }) => cost_usd,
  duration_s: ({ duration_s }) => duration_s,
  input_tokens: ({ tokens }) => tokens?.input,
  output_tokens: ({ tokens }) => tokens?.output,
  cache_read_tokens: ({ tokens }) => tokens?.cache_read,
  cache_write_tokens: ({ tokens }) => tokens?.cache_write,
  tools: ({ tools }) => tools,
  tool_errors: ({ tool_errors }) => tool_errors,
  denied: ({ denied }) => denied,
};

/** No run has so much of anything. Another program may write a larger number, and two of those could make a sum endless. */
const LARGEST_VALUE = 1e15;

/** The runs that were first seen on one day. */
export interface EvidenceDay extends DayOfRuns {
  runs: number;
  /** How many of them are known to have ended. */
  ended: number;
  /** How many of them used a model whose price is unknown. */
  unpriced: number;
  readonly seen: Record<Seen, number>;
  readonly flags: Record<EvidenceFlag, number>;
  readonly measured: Record<EvidenceMeasure, Measured>;
}

export const evidenceRules: RunRules<NewEvidence, RunEvidence, EvidenceDay> = {
  withEvent: withEvidence,
  isSame: isSameEvidence,
  emptyDay: () => ({
    events: 0,
    runs: 0,
    ended: 0,
    unpriced: 0,
    seen: forEach(seenSchema.options, () => 0),
    flags: forEach(evidenceFlagSchema.options, () => 0),
    measured: forEach(evidenceMeasures, nothingMeasured),
  }),
  count(day, known, run) {
    if (known !== undefined) change(day, known, -1);
    change(day, run, 1);
  },
};

/** Counts a run, or takes it out again: the sums are exact, so nothing of it is left. */
function change(day: EvidenceDay, { endedAt, facts }: RunEvidence, by: 1 | -1): void {
  day.runs += by;
  if (endedAt !== undefined) day.ended += by;
  if (facts.cost_usd === null) day.unpriced += by;
  if (facts.seen !== undefined) day.seen[facts.seen] += by;
  for (const flag of new Set(facts.flags)) day.flags[flag] += by;
  for (const measure of evidenceMeasures) {
    const value = numberIn[measure](facts) ?? undefined;
    if (value === undefined) continue;
    const counted = Math.min(value, LARGEST_VALUE);
    if (by === 1) addMeasure(day.measured[measure], counted);
    else takeMeasure(day.measured[measure], counted);
  }
}

export function emptyEvidenceHistory(): EvidenceHistory {
  return noRuns();
}

/** What counts in an answer: the runs that were first seen on a day that has not expired. */
export interface EvidenceView {
  readonly totals: EvidenceTotals;
  /** The last of them one by one, by key, in the order in which they were first seen. */
  readonly recent: ReadonlyMap<string, RunEvidence>;
}

export interface EvidenceTotals extends Readonly<Omit<EvidenceDay, "events" | "measured">> {
  /** Of how many runs a number is known, and its sum. */
  readonly measured: Readonly<Record<EvidenceMeasure, { readonly runs: number; readonly sum: number }>>;
}

export function viewEvidence(history: EvidenceHistory, cutoff: number): EvidenceView {
  const days = liveDays(history, cutoff);
  const sumOf = (count: (day: EvidenceDay) => number) => days.reduce((sum, day) => sum + count(day), 0);
  const totals = {
    runs: sumOf(({ runs }) => runs),
    ended: sumOf(({ ended }) => ended),
    unpriced: sumOf(({ unpriced }) => unpriced),
    seen: forEach(seenSchema.options, (seen) => sumOf((day) => day.seen[seen])),
    flags: forEach(evidenceFlagSchema.options, (flag) => sumOf((day) => day.flags[flag])),
    measured: forEach(evidenceMeasures, (measure) => {
      const { count, sum } = days.map(({ measured }) => measured[measure]).reduce(mergeMeasured, nothingMeasured());
      return { runs: count, sum: sumValue(sum) };
    }),
  };
  // A transcript of the past may have been read after those of later runs.
  const recent = [...liveRuns(history, cutoff)].sort(([, a], [, b]) => a.firstSeenAt - b.firstSeenAt);
  return { totals, recent: new Map(recent) };
}

function forEach<K extends string, V>(keys: readonly K[], valueFor: (key: K) => V): Record<K, V>;
function forEach<V>(keys: readonly string[], valueFor: (key: string) => V): Record<string, V> {
  return Object.fromEntries(keys.map((key) => [key, valueFor(key)]));
}
