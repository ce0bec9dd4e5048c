import * as z from "zod";

// The models of the table of runs, and of one run; see view-model.ts for what all models keep to.

const count = z.int().min(0);
const instant = z.string().nullable();
const line = z.string();

/** A row of the table of runs. */
const runRowSchema = z.object({
  /** What the run is asked for by: its id, or a name for one that has none. */
  id: line,
  at: instant,
  outcome: z.enum(["s", "f", "r", "p"]),
  /** Who verified it: "ci", "human and tests"; `null` if no verification counts. */
  verified_by: line.nullable(),
  task: line.nullable(),
  model: line.nullable(),
  time_s: z.number().nullable(),
  quality: z.number().nullable(),
  /** Its error, or else its notes; on one line, cut. */
  words: line,
});

export const runsModelSchema = z.object({
  kind: z.literal("runs"),
  version: z.literal(1),
  agent: line,
  runs: z.array(runRowSchema),
  next_cursor: line.nullable(),
  /** How many runs were looked at, and whether there are more to look at. */
  searched: count,
  is_complete: z.boolean(),
});

export type RunsModel = z.infer<typeof runsModelSchema>;

export const runModelSchema = z.object({
  kind: z.literal("run"),
  version: z.literal(1),
  agent: line,
  id: line,
  run: runRowSchema,
  /** The record as indented JSON, cut if it is very long. */
  record: z.string(),
  verifications: z.array(
    z.object({ by: line, success: z.boolean().nullable(), at: instant, counts: z.boolean(), words: line }),
  ),
  /** What hooks, transcripts and git saw of it, a sentence each. */
  seen: z.array(line),
});

export type RunModel = z.infer<typeof runModelSchema>;
