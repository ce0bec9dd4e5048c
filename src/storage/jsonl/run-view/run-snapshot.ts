import { join } from "node:path";
import * as z from "zod";
import { adr004Files } from "../../../adr004/catalogue.ts";
import { isJsonObject } from "../../../domain/text/json.ts";
import { historyOf, isSavedHistory, type SavedHistory, savedHistory } from "../../shared/saved-history.ts";
import { type FileSystem, removeFile } from "../files/file-system.ts";
import { KeyIndex } from "../key-index/key-index.ts";
import type { SnapshotFormat } from "../projection/snapshot.ts";
import type { RunState } from "./run-fold.ts";
import { agreesWithLog } from "./sample.ts";

/** To be raised with every change of the form, or of how a line is read, also of `History`. */
const VERSION = 7;
const segmentName = /^keys-[0-9a-f]{12}\.idx$/;
/** Each has more than twice the entries of the next: so many would hold more runs than any disk does. */
const MOST_SEGMENTS = 64;
/** Entries of the index that no segment holds: a process that starts makes them again. */
const MOST_RECENT_ENTRIES = 1024;

const savedSchema = z.object({
  retentionDays: z.number().nullable(),
  history: z.custom<SavedHistory>(isSavedHistory),
  segments: z.array(z.string().regex(segmentName)).max(MOST_SEGMENTS),
  duplicates: z.array(z.tuple([z.string(), z.int().min(0)])),
});

/** The state of the runs' fold. The index stands in segments of its own, which the snapshot names. */
export function runSnapshot(fileSystem: FileSystem, indexFolder: string): SnapshotFormat<RunState> {
  return {
    path: join(indexFolder, adr004Files.agent.journals.log.snapshot),
    version: VERSION,
    dueBytes: 512 * 1024,
    isDue: ({ index }) => index.recentEntries >= MOST_RECENT_ENTRIES,
    schema: () =>
      savedSchema.transform(({ duplicates, history, retentionDays, segments }) => ({
        retentionDays,
        history: historyOf(history),
        duplicates: new Map(duplicates),
        index: KeyIndex.open(fileSystem, indexFolder, segments),
      })),
    encode: ({ duplicates, history, index, retentionDays }) => ({
      retentionDays,
      history: savedHistory(history),
      duplicates: [...duplicates],
      segments: index.segmentNames,
    }),
    agrees: (state, fd, offset) => agreesWithLog(fileSystem, fd, offset, state),
  };
}

/** Removes the segments of an index that its snapshot does not name. */
export function sweepSegments(fileSystem: FileSystem, indexFolder: string, kept: readonly string[]): void {
  for (const name of fileSystem.readdirSync(indexFolder)) {
    // What has another name is not ours: it is left for `doctor` to tell of.
    if (segmentName.test(name) && !kept.includes(name)) removeFile(fileSystem, join(indexFolder, name));
  }
}

/** The segments that a snapshot names; `undefined` if it is of another version, or cannot be believed. */
export function segmentsNamed(saved: unknown): readonly string[] | undefined {
  return isOfThisVersion(saved) ? savedSchema.safeParse(saved).data?.segments : undefined;
}

/** Whether what stands in a snapshot of this version cannot be: it is of the wrong form, or contradicts itself. */
export function isImpossible(saved: unknown): boolean {
  return isOfThisVersion(saved) && segmentsNamed(saved) === undefined;
}

function isOfThisVersion(saved: unknown): boolean {
  return isJsonObject(saved) && saved.version === VERSION;
}
