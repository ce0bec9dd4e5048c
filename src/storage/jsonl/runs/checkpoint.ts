import { join } from "node:path";
import * as z from "zod";
import type { DayTally, History } from "../../../domain/figures/history.ts";
import { isJsonObject } from "../../../domain/text/json.ts";
import { type FileIdentity, type FileSystem, removeFile } from "../files/file-system.ts";
import { loadSealed, type SnapshotKey, saveSealed } from "../journal/sealed-file.ts";
import { historySchema } from "./history-schema.ts";

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

/** To be raised with every change of the form, or of how a line is read, also of `History`: older checkpoints are then made again. */
const VERSION = 3;
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
  log: z.string(),
  covered: z.int().min(0),
  anchor: z.string(),
  damagedLines: z.int().min(0),
  repeats: z.array(z.string()),
  outliving: z.array(z.tuple([z.number(), z.number().nullable()])),
  expired: z.object({ runs: z.int().min(0), cutoff: z.number().nullable() }),
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
