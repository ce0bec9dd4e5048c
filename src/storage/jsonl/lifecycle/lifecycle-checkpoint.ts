import { join } from "node:path";
import * as z from "zod";
import {
  emptyLifecycleHistory,
  KEPT_SEEN_RUNS,
  type LifecycleHistory,
} from "../../../domain/coverage/observed-runs.ts";
import type { FileSystem } from "../files/file-system.ts";
import { type Mark, markSchema } from "../journal/fingerprint.ts";
import { loadSealed, type SnapshotKey, saveSealed } from "../journal/sealed-file.ts";
import { SEEN_RUNS } from "../runs/checkpoint.ts";

/** What an agent's file of lifecycle events says, as far as it was read. */
export interface CoveredLifecycle {
  mark: Mark;
  readonly history: LifecycleHistory;
  damagedLines: number;
  /** Where the checkpoint on disk ends, as far as this process knows. */
  checkpointed: number;
}

/** To be raised with every change of the form, or of how a line is read, also of `LifecycleHistory`: older checkpoints are then made again. */
const VERSION = 3;
const NOWHERE: Mark = { file: "", offset: 0, anchor: "" };

export function nothingObserved(): CoveredLifecycle {
  return { mark: NOWHERE, history: emptyLifecycleHistory(), damagedLines: 0, checkpointed: 0 };
}

const count = z.int().min(0);
const observedRun = z.object({
  firstSeenAt: z.number(),
  ended: z.boolean(),
  reported: z.boolean(),
  assigned: z.record(z.string(), z.boolean()).optional(),
});
const day = z.object({ started: count, ended: count, reported: count, events: count });

/** A checksum says that nothing was damaged, not who wrote it. */
const savedSchema = z.object({
  version: z.literal(VERSION),
  mark: markSchema,
  damagedLines: count,
  days: z.array(z.tuple([z.int(), day])),
  recent: z.array(z.tuple([z.string(), observedRun])).max(KEPT_SEEN_RUNS),
});

type Saved = z.infer<typeof savedSchema>;

/** Disposable, like the log's own: it is believed only for the very file that it was made from. */
export function saveLifecycle(
  fileSystem: FileSystem,
  folder: string,
  covered: CoveredLifecycle,
  key?: SnapshotKey,
): void {
  const { history, mark, damagedLines } = covered;
  const saved: Saved = { version: VERSION, mark, damagedLines, days: [...history.days], recent: [...history.recent] };
  saveSealed(fileSystem, join(folder, SEEN_RUNS), saved, key);
}

/** The checkpoint, or `undefined` where there is none that can be believed. */
export function loadLifecycle(fileSystem: FileSystem, folder: string, key?: SnapshotKey): CoveredLifecycle | undefined {
  const saved = savedSchema.safeParse(loadSealed(fileSystem, join(folder, SEEN_RUNS), key));
  if (!saved.success) return undefined;
  const { mark, damagedLines, days, recent } = saved.data;
  const history = { days: new Map(days), recent: new Map(recent) };
  return { mark, damagedLines, history, checkpointed: mark.offset };
}
