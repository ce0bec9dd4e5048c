import { closeSync, constants, fsyncSync, lstatSync, writeFileSync } from "node:fs";
import { basename, dirname, resolve, sep } from "node:path";
import { KaizenError } from "../../errors.ts";
import type { Machine } from "../../project-root.ts";
import { outputPlace, shown } from "../export/output-place.ts";
import { fileFailure } from "../input/file-failure.ts";
import { type OpenFolder, openFolder } from "../input/open-folder.ts";

export interface ReportFile {
  /** As it was typed. */
  readonly given: string;
  readonly path: string;
  readonly isReplaced: boolean;
}

/**
 * Where --out writes to. Never through a link, and never into what git or the store keeps. A file that is there is
 * replaced only if that is said, and if it is this user's own.
 */
export function reportFile(given: string, project: string, machine: Machine, isForced: boolean): ReportFile {
  if (lstatSync(resolve(given), { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new KaizenError("UNSAFE_PATH", `${shown(given)} is a link, which --out does not write through.`, {
      hint: "Name the file itself, or another one.",
    });
  }
  const place = outputPlace(given, project, machine, "--out");
  if (place.kind !== "file") throw invalid(`--out is ${shown(given)}, which is no plain file.`, "Name a new file.");
  const { path, stats } = place;
  if (path.split(sep).some((name) => name.toLowerCase() === ".git")) {
    throw invalid(`--out is ${shown(given)}, which is git's own.`, "Name a file outside of .git.");
  }
  if (stats === undefined) return { given, path, isReplaced: false };
  if (!isForced) throw alreadyThere(given);
  const user = process.getuid?.();
  if (user !== undefined && stats.uid !== user) {
    throw new KaizenError("UNSAFE_PATH", `${shown(given)} belongs to another user.`, { hint: "Name another file." });
  }
  return { given, path, isReplaced: true };
}

/** Writes a file that only its user may read, whole or not at all. */
export function writeReport({ given, isReplaced, path }: ReportFile, text: string): void {
  try {
    const folder = openFolder(dirname(path));
    try {
      const name = basename(path);
      if (isReplaced) replace(folder, name, text);
      else writeNew(folder, name, text);
    } finally {
      folder.close();
    }
  } catch (error) {
    const isThere = error instanceof Error && "code" in error && error.code === "EEXIST";
    throw isThere ? alreadyThere(given) : fileFailure(shown(given), "written", error);
  }
}

/** What is there stays until the new one is whole. */
function replace(folder: OpenFolder, name: string, text: string): void {
  const part = `${name}.part-${process.pid}`;
  // What a killed process of the same number has left.
  if (folder.status(part) !== undefined) folder.removeFile(part);
  writeNew(folder, part, text);
  try {
    folder.rename(part, name);
  } catch (error) {
    folder.removeFile(part);
    throw error;
  }
}

function writeNew(folder: OpenFolder, name: string, text: string): void {
  const fd = folder.open(name, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    folder.expectHolds(name, fd);
    writeFileSync(fd, text);
    fsyncSync(fd);
  } catch (error) {
    folder.removeFile(name);
    throw error;
  } finally {
    closeSync(fd);
  }
}

function alreadyThere(given: string): KaizenError {
  return invalid(`${shown(given)} is there already, and was left as it is.`, "Name another file, or add --force.");
}

function invalid(message: string, hint: string): KaizenError {
  return new KaizenError("INVALID_ARGUMENT", message, { hint });
}
