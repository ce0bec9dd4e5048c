import * as z from "zod";
import { verdictSchema } from "../statistics/verdict.ts";

// What the dashboard shows, as plain data. Rates are fractions of 1, times are seconds, instants are UTC (ISO 8601), money
// is US dollars. Numbers are rounded, texts are bounded and on one line, and lists have a fixed length at most: so the model
// of an agent is as large after a million runs as after a thousand. Text that agents wrote is in `title`, `example`,
// `signature`, `task` and the members of a run: data, never markup. The page shows these figures and computes none.

const count = z.int().min(0);
const rate = z.number();
const instant = z.string().nullable();
const line = z.string();

/** So many agents have a row. */
export const SHOWN_AGENTS = 100;
/** So many of an agent's last runs are a mark each in its row. */
export const STRIP_RUNS = 40;

const rated = z.object({ runs: count, successes: count, rate: rate.nullable(), low: rate, high: rate });

/** A rate with its Wilson 95% interval. */
export type Rated = z.infer<typeof rated>;

/**
 * Outcomes, a letter a run, oldest first: `s` succeeded, `f` failed, `r` claimed success and was refuted, `p` claimed failure
 * and was found to have succeeded.
 */
const outcomes = z.string().regex(/^[sfrp]*$/);

const verifiedSchema = z.object({
  runs: count,
  rate: rate.nullable(),
  claimed_rate: rate.nullable(),
  gap: z.number().nullable(),
});

const coverageSchema = z.object({ started: count, ended: count, reported: count }).nullable();

const costSchema = z
  .object({ runs: count, per_run: z.number(), per_verified_success: z.number().nullable() })
  .nullable();

/** What an agent's row shows. */
const agentRowSchema = z.object({
  name: line,
  ...rated.shape,
  verdict: verdictSchema,
  /** The sentence behind the verdict, as the command line and the brief have it. */
  evidence: line,
  since: z.object({ runs: count, successes: count }),
  before: z.object({ runs: count, successes: count }).nullable(),
  last_at: instant,
  strip: outcomes,
  verified: verifiedSchema,
  coverage: coverageSchema,
  median_time_s: z.number().nullable(),
  cost: costSchema,
  under_way: count,
});

export type AgentRow = z.infer<typeof agentRowSchema>;

const noticeSchema = z.object({
  agent: line,
  kind: z.enum(["declining", "overrates", "unreported", "doubtful", "better_since", "worse_since", "improving"]),
  headline: line,
  detail: line,
});

export type Notice = z.infer<typeof noticeSchema>;

const adviceSchema = z.object({
  id: line.nullable(),
  agent: line,
  title: line,
  detail: line.nullable(),
  status: z.enum(["proposed", "adopted", "rejected", "superseded"]),
  priority: count.nullable(),
  proposed_at: instant,
  changed_at: instant,
  /** How runs went since the adoption; `null` unless it is adopted. */
  since_then: z
    .object({
      verdict: z.enum(["better_since", "worse_since", "no_clear_change", "too_early"]),
      before: rated,
      after: rated,
      left_out: count,
      more_runs_needed: count,
      evidence: line,
    })
    .nullable(),
  trial: z
    .object({
      number: count,
      share: z.number(),
      is_running: z.boolean(),
      shown: rated,
      not_shown: rated,
      verdict: line,
      evidence: line,
    })
    .nullable(),
});

export type AdviceModel = z.infer<typeof adviceSchema>;

const failureSchema = z.object({
  agent: line,
  signature: line,
  example: line,
  count,
  first_at: instant,
  last_at: instant,
  /** Runs without it since it last happened. */
  runs_since: count,
  back_after: count.nullable(),
  /** When it happened, in whole minutes since 1970, oldest first; at most 60. */
  at: z.array(z.int()),
});

export type FailureModel = z.infer<typeof failureSchema>;

const underWaySchema = z.object({ agent: line, started_at: instant });

const frame = {
  version: z.literal(1),
  project: line,
  generated_at: z.string(),
  /** Sentences about what is wrong with the files, with the command that mends it. Empty if all is well. */
  health: z.array(line),
  under_way: z.array(underWaySchema),
};

/** A team's store, and what else it has than the project that is shown. */
const storeSchema = z.object({
  /** Where it is, without the name of a user. */
  name: line,
  /** How much each of its other projects has on record, in words; those at work last. */
  projects: z.array(z.object({ name: line, words: line })),
});

export type StoreModel = z.infer<typeof storeSchema>;

export const overviewModelSchema = z.object({
  kind: z.literal("overview"),
  ...frame,
  /** Only on a page that is served for a team's store: a file gets around. */
  store: storeSchema.optional(),
  /** One sentence: which agent needs help, or that none does. */
  headline: line,
  agent_count: count,
  /** Of the agents that are shown: those of all are not counted. */
  run_count: count,
  worth_a_look: z.array(noticeSchema),
  /** Worst proven first: declining ones, then by the lower end of the interval; those with too few runs last. */
  agents: z.array(agentRowSchema),
  advice: z.array(adviceSchema),
  failures: z.array(failureSchema),
  /** Every agent that is shown against the one of the most runs. */
  compared_with: line.nullable(),
  comparison: z.array(
    z.object({
      agent: line,
      difference: z.number().nullable(),
      low: z.number(),
      high: z.number(),
      winner: line.nullable(),
      is_too_few: z.boolean(),
      evidence: line,
      warning: line.nullable(),
    }),
  ),
});

export type OverviewModel = z.infer<typeof overviewModelSchema>;
export type ComparisonRow = OverviewModel["comparison"][number];

/** A run of the story: one of the last 200. */
const storyRunSchema = z.object({
  id: line.nullable(),
  at: instant,
  outcome: z.enum(["s", "f", "r", "p"]),
  time_s: z.number().nullable(),
  quality: z.number().nullable(),
  task: line.nullable(),
  /** Which of `kinds` it failed by. */
  kind: count.nullable(),
});

export type StoryRun = z.infer<typeof storyRunSchema>;

/** From run `from` to run `to`, both counted from 0 in the story, `to` not included. No bin has a cut inside. */
const binSchema = z.object({ from: count, to: count, ...rated.shape });

export type Bin = z.infer<typeof binSchema>;

const cutSchema = z.object({
  /** How many runs of the story came before it. */
  after: count,
  kind: z.enum(["change", "adopted", "trial_started", "trial_ended"]),
  at: instant,
  label: line,
});

export type Cut = z.infer<typeof cutSchema>;

const daySchema = z.object({ day: z.string(), ...rated.shape });

export type Day = z.infer<typeof daySchema>;

export const agentModelSchema = z.object({
  kind: z.literal("agent"),
  ...frame,
  agent: agentRowSchema,
  /** "declining: 3 of 17, before that 32 of 35 ..." and what is known beside it, a sentence each. */
  sentences: z.array(line),
  notices: z.array(noticeSchema),
  story: z.object({
    runs: z.array(storyRunSchema),
    bins: z.array(binSchema),
    cuts: z.array(cutSchema),
    kinds: z.array(z.object({ signature: line, example: line, count })),
    median_time_s: z.number().nullable(),
  }),
  advice: z.array(adviceSchema),
  failures: z.array(failureSchema),
  comparison: z.array(overviewModelSchema.shape.comparison.element),
  /** Days with runs, or weeks (named by their Monday) if the days are too many. */
  days: z.object({ unit: z.enum(["day", "week"]), rows: z.array(daySchema) }),
  evidence: z.object({
    /** Sentences of the evidence: what tests were seen to say, and how often that was right. */
    lines: z.array(line),
    tokens: z.object({ runs: count, input: count, output: count }).nullable(),
    cost: costSchema,
  }),
  brief: z.object({ text: z.string(), tokens: count }),
});

export type AgentModel = z.infer<typeof agentModelSchema>;
