import { join } from "node:path";
import * as z from "zod";
import {
  emptyVerifiedHistory,
  type PlacedRun,
  type VerifiedHistory,
} from "../../../domain/figures/verified-history.ts";
import { verifierSchema } from "../../../domain/verification/verification.ts";
import type { FileSystem } from "../files/file-system.ts";
import { type Mark, markSchema } from "../journal/fingerprint.ts";
import { loadSealed, type SnapshotKey, saveSealed } from "../journal/sealed-file.ts";
import { VERIFIED_RUNS } from "../runs/checkpoint.ts";

/** What an agent's verifications say, as far as they were read, and of which log. */
export interface CoveredVerifications {
  verifications: Mark;
  /** The log as it stood then: in another one other runs may be missing. */
  log: Mark;
  readonly history: VerifiedHistory;
  damagedLines: number;
  /** How many verifications were read, and how many of those had expired by then. */
  lines: number;
  expiredLines: number;
  /** The latest cutoff (ms) at which a verification was passed over, for its run may have fallen to it. */
  expiredCutoff: number;
  /** Where the checkpoint on disk ends, as far as this process knows. */
  checkpointed: number;
}

/** To be raised with every change of the form, or of how a line is read, also of `VerifiedHistory`: older checkpoints are then made again. */
const VERSION = 2;
const NOWHERE: Mark = { file: "", offset: 0, anchor: "" };

export function nothingVerifiedYet(): CoveredVerifications {
  return {
    verifications: NOWHERE,
    log: NOWHERE,
    history: emptyVerifiedHistory(),
    damagedLines: 0,
    lines: 0,
    expiredLines: 0,
    expiredCutoff: Number.NEGATIVE_INFINITY,
    checkpointed: 0,
  };
}

const count = z.int().min(0);
const tally = z.object({ runs: count, successes: count, claimedSuccesses: count, contradictions: count });
const day = tally.extend({
  verifications: count,
  earliestAt: z.number(),
  latestAt: z.number(),
  firstPlace: count,
  lastPlace: count,
});

const placedRun = z.object({
  executionId: z.string(),
  claimed: z.boolean(),
  executedAt: z.string().nullable(),
  verifications: z.partialRecord(verifierSchema, z.boolean()),
  at: z.number().optional(),
  place: count,
});

/** A checksum says that nothing was damaged, not who wrote it. */
const savedSchema = z.object({
  version: z.literal(VERSION),
  verifications: markSchema,
  log: markSchema,
  damagedLines: count,
  lines: count,
  expiredLines: count,
  expiredCutoff: z.number().nullable(),
  history: z.object({
    total: tally,
    forgottenPlace: z.int().min(-1),
    days: z.array(z.tuple([z.int(), day])),
    latest: z.array(z.custom<PlacedRun>((run) => placedRun.safeParse(run).success)),
  }),
});

type Saved = z.infer<typeof savedSchema>;

/** Disposable, like the log's own: it is believed only for the very files that it was made from. */
export function saveVerifications(
  fileSystem: FileSystem,
  folder: string,
  covered: CoveredVerifications,
  key?: SnapshotKey,
): void {
  const { checkpointed: _, expiredCutoff, history, ...counters } = covered;
  const saved: Saved = {
    ...counters,
    version: VERSION,
    expiredCutoff: Number.isFinite(expiredCutoff) ? expiredCutoff : null,
    history: { ...history, days: [...history.days], latest: [...history.latest.values()] },
  };
  saveSealed(fileSystem, join(folder, VERIFIED_RUNS), saved, key);
}

/** The checkpoint, or `undefined` where there is none that can be believed. */
export function loadVerifications(
  fileSystem: FileSystem,
  folder: string,
  key?: SnapshotKey,
): CoveredVerifications | undefined {
  const saved = savedSchema.safeParse(loadSealed(fileSystem, join(folder, VERIFIED_RUNS), key));
  if (!saved.success) return undefined;
  const { version: _, expiredCutoff, history, ...counters } = saved.data;
  return {
    ...counters,
    history: {
      ...history,
      days: new Map(history.days),
      latest: new Map(history.latest.map((run) => [run.executionId, run])),
    },
    expiredCutoff: expiredCutoff ?? Number.NEGATIVE_INFINITY,
    checkpointed: counters.verifications.offset,
  };
}
