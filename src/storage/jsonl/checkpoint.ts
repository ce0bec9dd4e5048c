import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { DayTally, History } from "../../domain/history.ts";
import { replaceFile } from "./atomic-file.ts";
import { type FileIdentity, type FileSystem, READ, readRange, removeFile, statusOf, withFile } from "./file-system.ts";
import { hasErrno } from "./fs-errors.ts";

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
const segmentName = /^keys-[0-9a-f]{12}\.idx$/;
const ANCHOR_BYTES = 64;

/** The last bytes before an offset, as a mark by which a file is known again. */
export function readAnchor(fileSystem: FileSystem, fd: number, covered: number): string {
  return readRange(fileSystem, fd, Math.max(0, covered - ANCHOR_BYTES), covered).toString("base64");
}

/** Writes the checkpoint, and sweeps away the segments that it no longer names. */
export function saveCheckpoint(fileSystem: FileSystem, folder: string, checkpoint: Checkpoint): void {
  const body = JSON.stringify({ version: VERSION, ...checkpoint, history: encodeHistory(checkpoint.history) });
  const bytes = Buffer.from(`${checksum(body)}\n${body}\n`);
  replaceFile(fileSystem, join(folder, "checkpoint.json"), bytes, { durable: false });
  const kept = new Set(["checkpoint.json", ...checkpoint.segments]);
  for (const name of fileSystem.readdirSync(folder)) {
    if (!kept.has(name)) removeFile(fileSystem, join(folder, name));
  }
}

/** The checkpoint, or `undefined` where there is none that can be believed. */
export function loadCheckpoint(fileSystem: FileSystem, folder: string): Checkpoint | undefined {
  const text = readCheckpoint(fileSystem, folder);
  const separator = text.indexOf("\n");
  const body = text.slice(separator + 1, -1);
  // With its checksum intact the content is what we wrote, so it needs no further parsing than JSON's.
  if (separator < 0 || text.slice(0, separator) !== checksum(body)) return undefined;
  const { version, ...content } = JSON.parse(body) as { version: number } & Checkpoint & { history: EncodedHistory };
  if (version !== VERSION || !content.segments.every((name) => segmentName.test(name))) return undefined;
  return { ...content, history: decodeHistory(content.history) };
}

function readCheckpoint(fileSystem: FileSystem, folder: string): string {
  try {
    return withFile(fileSystem, join(folder, "checkpoint.json"), READ, (fd) =>
      readRange(fileSystem, fd, 0, statusOf(fileSystem, fd).size).toString("utf8"),
    );
  } catch (error) {
    if (hasErrno(error, "ENOENT", "ENOTDIR")) return "";
    throw error;
  }
}

function checksum(body: string): string {
  return crc32(body).toString(16).padStart(8, "0");
}

type EncodedHistory = Omit<History, "days"> & { readonly days: [number, DayTally][] };

function encodeHistory(history: History): EncodedHistory {
  return { ...history, days: [...history.days] };
}

function decodeHistory(encoded: EncodedHistory): History {
  return { ...encoded, days: new Map(encoded.days) };
}
