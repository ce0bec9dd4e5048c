import { join } from "node:path";
import type { DayTally, History } from "../../domain/history.ts";
import { type FileIdentity, type FileSystem, removeFile } from "./file-system.ts";
import { loadSealed, saveSealed } from "./sealed-file.ts";

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
  /** Runs that had expired when they were read, and the latest cutoff (ms) that any of them fell to. */
  readonly expired: { readonly runs: number; readonly cutoff: number | null };
  readonly segments: readonly string[];
  readonly history: History;
}

/** To be raised with every change of the form, also of `History`: older checkpoints are then made again. */
const VERSION = 1;
/** The checkpoint of the checks, which stands in the same folder. */
export const CHECKED_RUNS = "verifications.json";
const segmentName = /^keys-[0-9a-f]{12}\.idx$/;

/** Writes the checkpoint, and sweeps away the segments that it no longer names. */
export function saveCheckpoint(fileSystem: FileSystem, folder: string, checkpoint: Checkpoint): void {
  const content = { version: VERSION, ...checkpoint, history: encodeHistory(checkpoint.history) };
  saveSealed(fileSystem, join(folder, "checkpoint.json"), content);
  const kept = new Set(["checkpoint.json", CHECKED_RUNS, ...checkpoint.segments]);
  for (const name of fileSystem.readdirSync(folder)) {
    if (!kept.has(name)) removeFile(fileSystem, join(folder, name));
  }
}

/** The checkpoint, or `undefined` where there is none that can be believed. */
export function loadCheckpoint(fileSystem: FileSystem, folder: string): Checkpoint | undefined {
  const saved = loadSealed(fileSystem, join(folder, "checkpoint.json"));
  if (saved === undefined) return undefined;
  // With its checksum intact the content is what we wrote, so it needs no further parsing than JSON's.
  const { version, ...content } = saved as { version: number } & Checkpoint & { history: EncodedHistory };
  if (version !== VERSION || !content.segments.every((name) => segmentName.test(name))) return undefined;
  return { ...content, history: decodeHistory(content.history) };
}

type EncodedHistory = Omit<History, "days"> & { readonly days: [number, DayTally][] };

function encodeHistory(history: History): EncodedHistory {
  return { ...history, days: [...history.days] };
}

function decodeHistory(encoded: EncodedHistory): History {
  return { ...encoded, days: new Map(encoded.days) };
}
