import { join } from "node:path";
import * as z from "zod";
import type { FailureNote } from "../../../domain/failures.ts";
import type { Dated, DayTally, History, RecentRun } from "../../../domain/history.ts";
import { isJsonObject } from "../../../domain/json.ts";
import { type FileIdentity, type FileSystem, removeFile } from "../files/file-system.ts";
import { loadSealed, type SnapshotKey, saveSealed } from "../files/sealed-file.ts";

/**
 * What has been learnt from a log up to an offset, so that a process that starts need not read it again. Disposable: it
 * is believed only for the very file it was made from, whose last covered bytes are still the same.
 */
export interface Checkpoint {
  readonly log: FileIdentity;
  /** The offset after the last line that is covered. */
  readonly covered: number;
  readonly anchor: string;
  readonly damagedLines: number;
  readonly repeats: readonly string[];
  /** Instants (ms) of runs that count, and of those that repeat them and live longer; `null` for ever. */
  readonly outliving: readonly (readonly [number, number | null])[];
  /** Runs that had expired when they were read, and the latest cutoff (ms) that any of them fell to. */
  readonly expired: { readonly runs: number; readonly cutoff: number | null };
  readonly segments: readonly string[];
  readonly history: History;
}

/** To be raised with every change of the form, also of `History`: older checkpoints are then made again. */
const VERSION = 2;
/** The checkpoints of the checks, and of what hooks saw, which stand in the same folder. */
export const CHECKED_RUNS = "verifications.json";
export const SEEN_RUNS = "lifecycle.json";
const segmentName = /^keys-[0-9a-f]{12}\.idx$/;

/** Writes the checkpoint, and sweeps away the segments that it no longer names. */
export function saveCheckpoint(
  fileSystem: FileSystem,
  folder: string,
  checkpoint: Checkpoint,
  key?: SnapshotKey,
): void {
  const content = { version: VERSION, ...checkpoint, history: encodeHistory(checkpoint.history) };
  saveSealed(fileSystem, join(folder, "checkpoint.json"), content, key);
  const kept = new Set(["checkpoint.json", CHECKED_RUNS, SEEN_RUNS, ...checkpoint.segments]);
  for (const name of fileSystem.readdirSync(folder)) {
    if (!kept.has(name)) removeFile(fileSystem, join(folder, name));
  }
}

/** The checkpoint, or `undefined` where there is none that can be believed. */
export function loadCheckpoint(fileSystem: FileSystem, folder: string, key?: SnapshotKey): Checkpoint | undefined {
  const saved = loadSealed(fileSystem, join(folder, "checkpoint.json"), key);
  if (saved === undefined) return undefined;
  const checkpoint = checkpointSchema.safeParse(saved);
  if (!checkpoint.success) return undefined;
  const { version, history, ...content } = checkpoint.data;
  return { ...content, history: decodeHistory(history) };
}

const place = z.number().min(0);
const measuredSchema = z.object({ count: place, sum: z.array(z.number()) });
const tallySchema = z.object({ runs: place, successes: place, quality: measuredSchema, time: measuredSchema });
const daySchema = tallySchema.extend({
  earliestAt: z.number(),
  latestAt: z.number(),
  firstPlace: place,
  lastPlace: place,
});

/**
 * A checksum says that nothing was damaged, not who wrote it: the frame and all that is added up is looked at. The last
 * runs and failures are taken as lists of objects; looking into each would cost more than reading the file.
 */
const checkpointSchema = z.object({
  version: z.literal(VERSION),
  log: z.string(),
  covered: place,
  anchor: z.string(),
  damagedLines: place,
  repeats: z.array(z.string()),
  outliving: z.array(z.tuple([z.number(), z.number().nullable()])),
  expired: z.object({ runs: place, cutoff: z.number().nullable() }),
  segments: z.array(z.string().regex(segmentName)),
  history: z.object({
    days: z.array(z.tuple([z.int(), daySchema])),
    total: tallySchema,
    recent: z.array(z.custom<RecentRun>(isJsonObject)),
    scores: z.array(z.custom<Dated<number>>(isJsonObject)),
    failures: z.array(z.custom<FailureNote>(isJsonObject)),
  }),
});

type EncodedHistory = Omit<History, "days"> & { readonly days: [number, DayTally][] };

function encodeHistory(history: History): EncodedHistory {
  return { ...history, days: [...history.days] };
}

function decodeHistory(encoded: EncodedHistory): History {
  return { ...encoded, days: new Map(encoded.days) };
}
