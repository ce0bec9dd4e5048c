import * as z from "zod";
import { formatInstant } from "../run/time.ts";
import { formatHalfEven } from "../statistics/rounding.ts";
import { calibrate, type HitRate } from "./calibration.ts";
import { type RunEvidence, type Seen, seenSchema } from "./evidence.ts";
import type { EvidenceView } from "./evidence-history.ts";
import { LONGEST_RUN_MS } from "./overlapping.ts";

/** A run of which evidence is kept, with what its agent claims and what was found of it. */
export interface JudgedRun {
  readonly evidence: RunEvidence;
  /** Its id among the runs on record, and its claim; `undefined` if it was not reported. */
  readonly reported: { readonly executionId: string; readonly claim: boolean } | undefined;
  /** What counts of its verifications, of any verifier; `undefined` if there is none. */
  readonly verified: boolean | undefined;
  /** What CI or a person found; `undefined` if neither has said anything. */
  readonly verdict: boolean | undefined;
}

const countSchema = z.int().min(0);
const shareSchema = z.number().min(0).max(1);

/** A claim of success that what was seen of the run speaks against. */
const doubtfulClaimSchema = z.object({ execution_id: z.string(), seen: seenSchema, ended: z.string().nullable() });

/** Evidence of an agent's runs beside its claims. Sums are over the live runs; hit rates over the last 200 of them. */
export const evidenceFiguresSchema = z.object({
  runs: countSchema,
  seen: z.partialRecord(seenSchema, countSchema),
  flags: z.record(z.string(), countSchema),
  /** Runs that began more than a day ago and never ended: killed, or their client was. They count in no rate. */
  lost: countSchema,
  time_s: z.object({ runs: countSchema, mean: z.number() }).nullable(),
  tokens: z
    .object({
      runs: countSchema,
      input: countSchema,
      output: countSchema,
      cache_read: countSchema,
      cache_write: countSchema,
    })
    .nullable(),
  /** `per_verified_success`: what the verified runs cost, divided by how many of them succeeded. */
  cost_usd: z
    .object({
      runs: countSchema,
      sum: z.number(),
      per_run: z.number(),
      per_verified_success: z.number().nullable(),
      unpriced_runs: countSchema,
    })
    .nullable(),
  tools: z.object({ calls: countSchema, errors: countSchema, denied: countSchema }).nullable(),
  /** Of the classes with at least ten runs that CI or a person has judged. */
  hit_rates: z.array(
    z.object({
      seen: seenSchema,
      runs: countSchema,
      successes: countSchema,
      rate: shareSchema,
      interval: z.tuple([shareSchema, shareSchema]),
    }),
  ),
  estimated_rate: shareSchema.nullable(),
  worth_a_look: z.array(doubtfulClaimSchema),
  worth_a_look_total: countSchema,
});

export type EvidenceFigures = z.infer<typeof evidenceFiguresSchema>;

/** From so many of the last runs hit rates and doubtful claims are told: the cost of an answer is bounded. */
export const JUDGED_RUNS = 200;
const SHOWN_CLAIMS = 5;

/** What speaks against a claim of success, the most telling first. */
const doubtful: readonly Seen[] = ["turned_red", "red", "red_after", "stale"];

export function evidenceFigures(
  { recent, totals }: EvidenceView,
  judged: readonly JudgedRun[],
  now: number,
): EvidenceFigures {
  const { flags, measured, runs, seen, unpriced } = totals;
  const seenRuns = judged.flatMap(({ evidence, verdict }) =>
    evidence.facts.seen === undefined ? [] : [{ seen: evidence.facts.seen, verdict }],
  );
  const { estimatedRate, hitRates } = calibrate(seenRuns);
  const claims = doubtfulClaims(judged);
  const { input_tokens: input, tools } = measured;
  return {
    runs,
    seen: withoutZeros(seen),
    flags: withoutZeros(flags),
    lost: [...recent.values()].filter((run) => run.endedAt === undefined && now - run.firstSeenAt > LONGEST_RUN_MS)
      .length,
    time_s:
      measured.duration_s.runs === 0 ? null : { runs: measured.duration_s.runs, mean: meanOf(measured.duration_s) },
    tokens:
      input.runs === 0
        ? null
        : {
            runs: input.runs,
            input: input.sum,
            output: measured.output_tokens.sum,
            cache_read: measured.cache_read_tokens.sum,
            cache_write: measured.cache_write_tokens.sum,
          },
    cost_usd: costOf(measured.cost_usd, unpriced, judged),
    tools:
      tools.runs === 0 ? null : { calls: tools.sum, errors: measured.tool_errors.sum, denied: measured.denied.sum },
    hit_rates: hitRates.map((rate) => ({ ...rate, interval: [...rate.interval] })),
    estimated_rate: estimatedRate ?? null,
    worth_a_look: claims.slice(0, SHOWN_CLAIMS),
    worth_a_look_total: claims.length,
  };
}

interface Sum {
  readonly runs: number;
  readonly sum: number;
}

function meanOf({ runs, sum }: Sum): number {
  return runs === 0 ? 0 : sum / runs;
}

function withoutZeros<K extends string>(counts: Readonly<Record<K, number>>): Partial<Record<K, number>>;
function withoutZeros(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, one]) => one > 0));
}

function costOf(cost: Sum, unpriced: number, judged: readonly JudgedRun[]): EvidenceFigures["cost_usd"] {
  if (cost.runs + unpriced === 0) return null;
  const verified = judged.flatMap(({ evidence, verified: success }) =>
    success === undefined || typeof evidence.facts.cost_usd !== "number"
      ? []
      : [{ success, cost: evidence.facts.cost_usd }],
  );
  const successes = verified.filter(({ success }) => success).length;
  const spent = verified.reduce((sum, run) => sum + run.cost, 0);
  return {
    runs: cost.runs,
    sum: cost.sum,
    per_run: meanOf(cost),
    per_verified_success: successes === 0 ? null : spent / successes,
    unpriced_runs: unpriced,
  };
}

function doubtfulClaims(judged: readonly JudgedRun[]): EvidenceFigures["worth_a_look"] {
  const found = judged.flatMap(({ evidence: { endedAt, facts }, reported, verified }, index) => {
    const rank = facts.seen === undefined ? -1 : doubtful.indexOf(facts.seen);
    if (rank < 0 || facts.seen === undefined || reported?.claim !== true || verified !== undefined) return [];
    const ended = endedAt === undefined ? null : formatInstant(endedAt);
    return [{ rank, index, claim: { execution_id: reported.executionId, seen: facts.seen, ended } }];
  });
  return found.sort((a, b) => a.rank - b.rank || b.index - a.index).map(({ claim }) => claim);
}

/** `green 12, untested 19`: of which classes there are how many; `undefined` if nothing was seen. */
export function seenCounts({ seen }: Pick<EvidenceFigures, "seen">): string | undefined {
  const parts = seenSchema.options.flatMap((name) =>
    seen[name] === undefined ? [] : [`${seenWord(name)} ${seen[name]}`],
  );
  return parts.length === 0 ? undefined : parts.join(", ");
}

export function seenWord(seen: Seen): string {
  return seen.replaceAll("_", " ");
}

/** `green: 31 of 34 were right, 95% interval 77.0% to 97.0%`. */
export function hitRateText({
  interval,
  runs,
  seen,
  successes,
}: Pick<HitRate, "runs" | "seen" | "successes"> & { interval: readonly number[] }): string {
  const [low = 0, high = 1] = interval.map((one) => `${formatHalfEven(one * 100, 1)}%`);
  return `${seenWord(seen)}: ${successes} of ${runs} were right, 95% interval ${low} to ${high}`;
}

/** `$0.0410 a run, $0.0620 for each verified success`; `undefined` if no cost is known. */
export function costText({ cost_usd }: Pick<EvidenceFigures, "cost_usd">): string | undefined {
  if (cost_usd === null) return undefined;
  const { per_run, per_verified_success, runs, unpriced_runs } = cost_usd;
  const unpricedRuns = unpriced_runs === 1 ? "1 run" : `${unpriced_runs} runs`;
  const unpriced = unpriced_runs === 0 ? "" : `; of ${unpricedRuns} the model has no known price`;
  if (runs === 0) return `unknown${unpriced}`;
  const success = per_verified_success === null ? "" : `, ${dollars(per_verified_success)} for each verified success`;
  return `${dollars(per_run)} a run${success}${unpriced}`;
}

/** Four digits tell a cheap run from another. */
function dollars(value: number): string {
  return `$${formatHalfEven(value, value < 1 ? 4 : 2)}`;
}
