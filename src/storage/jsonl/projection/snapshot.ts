import * as z from "zod";
import type { FileSystem } from "../files/file-system.ts";
import { type Fingerprint, fingerprintSchema } from "./fingerprint.ts";
import type { Projected } from "./fold.ts";
import { loadSealed, type SnapshotKey, saveSealed } from "./sealed-file.ts";

/**
 * How the state of a fold is kept beside its file, so that a process that starts need not read the file again. Disposable:
 * a snapshot is believed only for the very file that it was made from, if that has only grown since.
 */
export interface SnapshotFormat<S> {
  readonly path: string;
  /** To be raised with every change of the form, or of how a line is read: older snapshots are then made again. */
  readonly version: number;
  /** So much may be added to the file before a new one is written: what a process that starts has to read. */
  readonly dueBytes: number;
  /**
   * Parses what `encode` gave: a checksum says that nothing was damaged, not who wrote it. Made if there is something to
   * parse, for to make it takes longer.
   */
  schema(): z.ZodType<S>;
  encode(state: S): object;
  /** Whether another measure than the bytes makes a new one due. */
  isDue?(state: S): boolean;
  /** Whether a state agrees with what stands in the open file before an offset, as far as a sample shows. */
  agrees?(state: S, fd: number, offset: number): boolean;
}

/** The part that all snapshots have. What else stands in one is the state. */
const headSchema = z.object({
  version: z.int(),
  fingerprint: fingerprintSchema,
  damagedLines: z.int().min(0),
});

/** The caller holds the lock, and has made the folder. */
export function saveSnapshot<S>(
  fileSystem: FileSystem,
  format: SnapshotFormat<S>,
  { damagedLines, fingerprint, state }: Projected<S>,
  key?: SnapshotKey,
): void {
  const { path, version } = format;
  saveSealed(fileSystem, path, { version, fingerprint, damagedLines, ...format.encode(state) }, key);
}

/** The head of a snapshot, and its state once that is asked for; `undefined` if there is none of this version. */
export function loadSnapshot<S>(
  fileSystem: FileSystem,
  format: SnapshotFormat<S>,
  key?: SnapshotKey,
): { fingerprint: Fingerprint; damagedLines: number; state: () => S | undefined } | undefined {
  const saved = loadSealed(fileSystem, format.path, key);
  const head = headSchema.safeParse(saved).data;
  if (head?.version !== format.version) return undefined;
  const { damagedLines, fingerprint } = head;
  return { damagedLines, fingerprint, state: () => format.schema().safeParse(saved).data };
}
