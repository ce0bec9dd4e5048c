import { dirname } from "node:path";
import { parseForeignObject } from "../../../adr004/foreign-json.ts";
import { readAnalysisText } from "../files/analysis-text.ts";
import { type FileSystem, READ, removeFile, statusAt, syncFolder, withFile } from "../files/file-system.ts";
import { hasErrno, isWithoutLinks } from "../files/fs-errors.ts";
import { stableRead } from "../files/stable-read.ts";

// The optimizer's report, which others write in place and without a lock: whoever looks at the wrong moment sees a part.

/** Whether what stands at a path, written by nobody at this moment, is no report. */
export async function isDamagedAnalysis(fileSystem: FileSystem, path: string): Promise<boolean> {
  const look = async () => (isWhole(fileSystem, path) ? [] : [path]);
  return (await stableRead({ fileSystem }, [path], look)).length > 0;
}

/**
 * Moves a damaged report, as it stands, to a quarantine of its own, and gives where it is then. Whoever has it open goes
 * on writing there: where it comes out whole, `putBack` is for it.
 */
export async function moveAnalysis(fileSystem: FileSystem, path: string): Promise<string | undefined> {
  const isThere = fileSystem.lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
  if (!isThere || !(await isDamagedAnalysis(fileSystem, path))) return undefined;
  const quarantine = freeQuarantine(fileSystem, path);
  fileSystem.renameSync(path, quarantine);
  syncFolder(fileSystem, dirname(path));
  // Another one may have come just before.
  return putBack(fileSystem, quarantine, path) ? undefined : quarantine;
}

/** Puts a report back that was moved and is whole now, unless there is a later one. Gives whether it did. */
export function putBack(fileSystem: FileSystem, quarantine: string, path: string): boolean {
  if (!isWhole(fileSystem, quarantine)) return false;
  try {
    fileSystem.linkSync(quarantine, path);
  } catch (error) {
    if (hasErrno(error, "EEXIST")) return false;
    if (!isWithoutLinks(error)) throw error;
    if (statusAt(fileSystem, path) !== undefined) return false;
    fileSystem.renameSync(quarantine, path);
  }
  removeFile(fileSystem, quarantine);
  syncFolder(fileSystem, dirname(path));
  return true;
}

/** Whether a file in the optimizer's folder holds such a report. */
export function isAnalysisQuarantine(name: string): boolean {
  return /^analysis(-\d+)?\.quarantine$/.test(name);
}

function freeQuarantine(fileSystem: FileSystem, path: string): string {
  for (let number = 1; ; number += 1) {
    const quarantine = path.replace(/\.json$/, number === 1 ? ".quarantine" : `-${number}.quarantine`);
    if (statusAt(fileSystem, quarantine) === undefined) return quarantine;
  }
}

/** The report as it stands. */
export function reportText(fileSystem: FileSystem, path: string): string {
  return withFile(fileSystem, path, READ, (fd) => readAnalysisText(fileSystem, fd));
}

function isWhole(fileSystem: FileSystem, path: string): boolean {
  return parseForeignObject(reportText(fileSystem, path)) !== undefined;
}
