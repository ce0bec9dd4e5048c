import { join } from "node:path";
import type { SeenRun } from "../../../domain/sighting.ts";
import { emptySightingHistory, type SeenDay, type SightingHistory } from "../../../domain/sighting-history.ts";
import type { FileSystem } from "../files/file-system.ts";
import type { Mark } from "../files/mark.ts";
import { loadSealed, type SnapshotKey, saveSealed } from "../files/sealed-file.ts";
import { SEEN_RUNS } from "../log/checkpoint.ts";

/** What an agent's file of sightings says, as far as it was read. */
export interface CoveredSightings {
  mark: Mark;
  readonly history: SightingHistory;
  damagedLines: number;
  /** Where the checkpoint on disk ends, as far as this process knows. */
  checkpointed: number;
}

/** To be raised with every change of the form, also of `SightingHistory`: older checkpoints are then made again. */
const VERSION = 1;
const NOWHERE: Mark = { file: "", offset: 0, anchor: "" };

export function nothingSeen(): CoveredSightings {
  return { mark: NOWHERE, history: emptySightingHistory(), damagedLines: 0, checkpointed: 0 };
}

interface Saved {
  readonly version: number;
  readonly mark: Mark;
  readonly damagedLines: number;
  readonly days: readonly [number, SeenDay][];
  readonly recent: readonly [string, SeenRun][];
}

/** Disposable, like the log's own: it is believed only for the very file that it was made from. */
export function saveSightings(
  fileSystem: FileSystem,
  folder: string,
  covered: CoveredSightings,
  key?: SnapshotKey,
): void {
  const { history, mark, damagedLines } = covered;
  const saved: Saved = { version: VERSION, mark, damagedLines, days: [...history.days], recent: [...history.recent] };
  saveSealed(fileSystem, join(folder, SEEN_RUNS), saved, key);
}

/** The checkpoint, or `undefined` where there is none that can be believed. */
export function loadSightings(fileSystem: FileSystem, folder: string, key?: SnapshotKey): CoveredSightings | undefined {
  // With its checksum intact the content is what we wrote, so it needs no further parsing than JSON's.
  const saved = loadSealed(fileSystem, join(folder, SEEN_RUNS), key) as Saved | undefined;
  if (saved?.version !== VERSION) return undefined;
  const { mark, damagedLines } = saved;
  const history = { days: new Map(saved.days), recent: new Map(saved.recent) };
  return { mark, damagedLines, history, checkpointed: mark.offset };
}
