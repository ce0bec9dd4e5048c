import { join } from "node:path";
import * as z from "zod";
import type { DayTally, History } from "../../../domain/figures/history.ts";
import type { RetentionDays } from "../../../domain/run/retention.ts";
import { isJsonObject } from "../../../domain/text/json.ts";
import { type FileIdentity, type FileSystem, removeFile } from "../files/file-system.ts";
import { loadSealed, type SnapshotKey, saveSealed } from "../journal/sealed-file.ts";
import { historySchema } from "./history-schema.ts";

/**
 * What has been learnt from a log up to an offset, so that a process that starts need not read it again. Disposable: it
 * is believed only for the very file it was made from, whose last covered bytes are still the same.
 */
export interface Checkpoint {
  /** Which runs count depends on it. */
  readonly retentionDays: RetentionDays;
  readonly log: FileIdentity;
  /** The offset after the last line that is covered. */
  readonly covered: number;
  readonly anchor: string;
  readonly damagedLines: number;
  /** Runs that repeat an earlier one, by their `runPosition`, and where the line of that one begins. */
  readonly duplicates: readonly (readonly [string, number])[];
  readonly segments: readonly string[];
  readonly history: History;
}

/** To be raised with every change of the form, or of how a line is read, also of `History`: older checkpoints are then made again. */
const VERSION = 4;
/** The checkpoints of the verifications, and of what hooks saw, which stand in the same folder. */
export const VERIFIED_RUNS = "verifications.json";
export const SEEN_RUNS = "lifecycle.json";
const segmentName = /^keys-[0-9a-f]{12}\.idx$/;
/** Each has more than twice the entries of the next: so many would hold more runs than any disk does. */
const MOST_SEGMENTS = 64;

/** Writes the checkpoint, and sweeps away the segments that it no longer names. */
export function saveCheckpoint(
  fileSystem: FileSystem,
  folder: string,
  checkpoint: Checkpoint,
  key?: SnapshotKey,
): void {
  const content = { version: VERSION, ...checkpoint, history: encodeHistory(checkpoint.history) };
  saveSealed(fileSystem, join(folder, "checkpoint.json"), content, key);
  const kept = new Set(checkpoint.segments);
  for (const name of fileSystem.readdirSync(folder)) {
    // What has another name is not ours: it is left for `doctor` to tell of.
    if (segmentName.test(name) && !kept.has(name)) removeFile(fileSystem, join(folder, name));
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

/** Whether what stands in a checkpoint of this version cannot be: it is of the wrong form, or contradicts itself. */
export function isImpossible(saved: unknown): boolean {
  return isJsonObject(saved) && saved.version === VERSION && !checkpointSchema.safeParse(saved).success;
}

/** A checksum says that nothing was damaged, not who wrote it. */
const checkpointSchema = z.object({
  version: z.literal(VERSION),
  retentionDays: z.number().nullable(),
  log: z.string(),
  covered: z.int().min(0),
  anchor: z.string(),
  damagedLines: z.int().min(0),
  duplicates: z.array(z.tuple([z.string(), z.int().min(0)])),
  segments: z.array(z.string().regex(segmentName)).max(MOST_SEGMENTS),
  history: historySchema,
});

type EncodedHistory = Omit<History, "days"> & { readonly days: [number, DayTally][] };

function encodeHistory(history: History): EncodedHistory {
  return { ...history, days: [...history.days] };
}

function decodeHistory(encoded: EncodedHistory): History {
  return { ...encoded, days: new Map(encoded.days) };
}
