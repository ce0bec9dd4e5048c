import * as z from "zod";
import { firstSeenIn } from "../run/runs-by-key.ts";
import { isDated, readInstant } from "../run/time.ts";

/**
 * What a run's transcript shows of its tests, from the strongest sign that it went well to the weakest. It is *seen*, and
 * never a verification: how often each class was right is measured, and not assumed.
 */
export const seenSchema = z.enum([
  /** Each test command after the last edit is green. */
  "green",
  /** The agent did not test after its last edit; the main conversation did, before anything was edited. */
  "green_after",
  /** Red, and each test that fails had failed before the first edit. */
  "known_red",
  /** A test runner was started, and nothing that it said can be read. */
  "unreadable",
  /** It edited, and no test runner was started. */
  "untested",
  /** Tested, and edited after the last result. */
  "stale",
  /** Red, and what had failed before is unknown. */
  "red",
  "red_after",
  /** A command that was green before is red at the end. */
  "turned_red",
  /** No edit and no commit: how a reviewer ends, say. */
  "no_edit",
]);

export type Seen = z.infer<typeof seenSchema>;

/** Why a run's state of git is unknown. */
const gitLeftOutSchema = z.enum([
  "no_git",
  "bare",
  /** The repository or its working copy belongs to another user. */
  "not_ours",
  /** A file would go through a filter of the repository, which is a program. */
  "filter",
  /** It took longer than 500 ms. */
  "time",
  /** More files, or more bytes, have changed than are looked at. */
  "size",
  "failed",
]);

export type GitLeftOut = z.infer<typeof gitLeftOutSchema>;

/** What makes the tests of a run say less than they seem to. */
export const evidenceFlagSchema = z.enum([
  /** The agent wrote below `.kaizen` by itself. */
  "tampered",
  /** What decides which tests run was changed in the run: a script, a configuration of the runner or of CI. */
  "config_changed",
  /** A command ran fewer tests at the end than it did before. */
  "fewer_tests",
]);

export type EvidenceFlag = z.infer<typeof evidenceFlagSchema>;

const good: readonly Seen[] = ["green", "green_after", "known_red"];

/** What tests say at most if their configuration was changed: the command is the one it was, what it runs may be another. */
export function seenWithFlags(seen: Seen, flags: Iterable<EvidenceFlag>): Seen {
  return good.includes(seen) && [...flags].includes("config_changed") ? "unreadable" : seen;
}

const countSchema = z.int().min(0);
const commitIdSchema = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/);
/** The first 12 hexadecimal digits of an HMAC with a secret of the project: equal for equal texts, and of no use to guess. */
const markSchema = z.string().regex(/^[0-9a-f]{12}$/);

const tokensSchema = z.object({
  /** Without those that came from the cache. */
  input: countSchema,
  output: countSchema,
  cache_read: countSchema,
  cache_write: countSchema,
});

export type Tokens = z.infer<typeof tokensSchema>;

export const seenTestsSchema = z.object({
  runner: z.string().regex(/^[a-z-]{1,40}$/),
  /** How many commands that run tests there were. */
  runs: countSchema,
  /** By the last result that could be read. */
  passed: countSchema,
  failed: countSchema,
  /** How that result was read. */
  how: z.enum(["exit", "summary", "exit+summary", "none"]),
});

export type SeenTests = z.infer<typeof seenTestsSchema>;

/** Facts about a run. Each is there once it is known, and later facts take the place of earlier ones. */
export const factsSchema = z.object({
  /** Read from a transcript of the past. */
  backfilled: z.literal(true).optional(),

  // Of the client's transcript.
  client: z.enum(["claude-code", "codex"]).optional(),
  session: markSchema.optional(),
  model: z
    .string()
    .regex(/^[\w.:@/-]{1,100}$/)
    .optional(),
  /** The id that its report got, if it was not made under this run's key. */
  execution_id: z
    .string()
    .regex(/^run_[0-9a-f]{20}$/)
    .optional(),
  duration_s: z.number().min(0).optional(),
  tokens: tokensSchema.optional(),
  /** `null` for a model whose price is unknown. */
  cost_usd: z.number().min(0).nullable().optional(),
  /** The month of the prices, such as 2026-11. */
  price_table: z
    .string()
    .regex(/^\d{4}-\d\d(?:-\d\d)?$/)
    .optional(),
  tools: countSchema.optional(),
  tool_errors: countSchema.optional(),
  denied: countSchema.optional(),
  interrupted: countSchema.optional(),
  edits: countSchema.optional(),
  /** How many files it edited. */
  files: countSchema.optional(),
  seen: seenSchema.optional(),
  tests: seenTestsSchema.optional(),
  /** Compilers, linters and builds: how many commands, and how many of them failed at their last time. */
  checks: z.object({ runs: countSchema, red: countSchema }).optional(),
  /** What ended it, if not the agent itself. */
  ended_by: z.enum(["interrupt", "denied", "api_error"]).optional(),
  flags: z.array(evidenceFlagSchema).max(10).optional(),

  // Of git.
  head_start: commitIdSchema.optional(),
  /** The id of a git tree that holds the working copy as it was. */
  tree_start: commitIdSchema.optional(),
  head: commitIdSchema.optional(),
  tree: commitIdSchema.optional(),
  /** Which working copy. */
  checkout: markSchema.optional(),
  /** Another run was at work in the same working copy: the tree is not of this run alone. */
  shared: z.literal(true).optional(),
  /** Commits that were made in the run, newest first. */
  commits: z.array(commitIdSchema).max(20).optional(),
  /** A mark of path and content for each file that the run left changed. */
  blobs: z.array(markSchema).max(100).optional(),
  /** Marks of the files that decide what a check runs, at the start and at the end. */
  config_start: markSchema.optional(),
  config: markSchema.optional(),
  git_left_out: gitLeftOutSchema.optional(),
  /** CI has decided the run. It is kept here only if the run was reported under another key, where it is not found. */
  decided: z.literal(true).optional(),

  /** What a check of our own came to; its verdict stands among the verifications. */
  check: z.enum(["passed", "failed", "known_red", "void", "changed", "timeout", "not_started"]).optional(),
});

export type Facts = z.infer<typeof factsSchema>;

/** Flags are added, and none of them is taken back. */
export function allFlags(known: Facts["flags"] = [], found: Facts["flags"] = []): EvidenceFlag[] {
  return [...new Set([...known, ...found])];
}

/** The facts of a transcript beside flags that are known from elsewhere. */
export function withFlags(facts: Facts, known: Facts["flags"]): Facts {
  const flags = allFlags(known, facts.flags);
  if (flags.length === 0) return facts;
  return { ...facts, flags, ...(facts.seen === undefined ? {} : { seen: seenWithFlags(facts.seen, flags) }) };
}

/** To be raised with every change of what a line means. */
export const EVIDENCE_VERSION = 1;

/** A line of `evidence.jsonl`: counts, hashes and words of this program, and no text that an agent or a user wrote. */
export const evidenceLineSchema = factsSchema.extend({
  agent: z.string(),
  /** The client's own id of the run, and its idempotency key. */
  key: z.string().min(1).max(256),
  /** When the facts were found. */
  timestamp: z.string(),
  /** When anything of this run was seen first: copied, so that each line says to which day its run belongs. */
  first_seen: z.string().refine((text) => isDated(readInstant(text) ?? Number.NaN)),
  /** When the run ended; left out while it is under way. */
  ended: z
    .string()
    .refine((text) => isDated(readInstant(text) ?? Number.NaN))
    .optional(),
  v: z.literal(EVIDENCE_VERSION),
});

export type EvidenceLine = z.infer<typeof evidenceLineSchema>;

/** Facts as they are to be kept. `first_seen` is the run's first moment if it is known; else the store says it. */
export type NewEvidence = Omit<EvidenceLine, "agent" | "first_seen" | "v"> & { readonly first_seen?: string };

/** All that is known of a run. */
export interface RunEvidence {
  /** In ms, whole seconds. */
  readonly firstSeenAt: number;
  /** In ms; `undefined` while it is under way. */
  readonly endedAt: number | undefined;
  readonly facts: Facts;
}

/** What is known of a run once further facts of it have come. */
export function withEvidence(known: RunEvidence | undefined, line: NewEvidence & Partial<EvidenceLine>): RunEvidence {
  const { agent: _, ended, first_seen: __, key: ___, timestamp: ____, v: _____, ...facts } = line;
  return {
    firstSeenAt: known?.firstSeenAt ?? firstSeenIn(line),
    endedAt: readInstant(ended) ?? known?.endedAt,
    facts: { ...known?.facts, ...given(facts) },
  };
}

/** Without what is not given: it takes nothing back. */
function given(facts: Facts): Facts {
  const copy = { ...facts };
  for (const [name, value] of Object.entries(copy)) if (value === undefined) Reflect.deleteProperty(copy, name);
  return copy;
}

/** Whether the second is the first, with facts added that say nothing new: then they stand in the same order. */
export function isSameEvidence(known: RunEvidence | undefined, run: RunEvidence): boolean {
  return known?.endedAt === run.endedAt && JSON.stringify(known?.facts) === JSON.stringify(run.facts);
}
