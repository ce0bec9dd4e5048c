import { dirname } from "node:path";
import { quarantineOf } from "../../../adr004/catalogue.ts";
import { parseForeignObject } from "../../../adr004/foreign-json.ts";
import { readAnalysisText } from "../files/analysis-text.ts";
import { type FileSystem, READ, removeFile, statusAt, syncFolder, withFile } from "../files/file-system.ts";
import { hasErrno, isWithoutLinks } from "../files/fs-errors.ts";
import { stableRead } from "../files/stable-read.ts";

// A document, which others write in place and without a lock: a reader at the wrong moment sees a part of it.

/** Whether a file is no document, though no program writes it at this moment. */
export async function isDamagedDocument(fileSystem: FileSystem, path: string): Promise<boolean> {
  const look = async () => (isWhole(fileSystem, path) ? [] : [path]);
  return (await stableRead({ fileSystem }, [path], look)).length > 0;
}

/**
 * Moves a damaged document, as it stands, to a quarantine of its own, and gives where it is then. A program that has it
 * open goes on writing there: if it comes out whole, `putBack` is for it.
 */
export async function moveDocument(fileSystem: FileSystem, path: string): Promise<string | undefined> {
  const isThere = fileSystem.lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
  if (!isThere || !(await isDamagedDocument(fileSystem, path))) return undefined;
  const quarantine = freeQuarantine(fileSystem, path);
  fileSystem.renameSync(path, quarantine);
  syncFolder(fileSystem, dirname(path));
  // Another one may have come just before.
  return putBack(fileSystem, quarantine, path) ? undefined : quarantine;
}

/** Puts a document back that was moved and is whole now, unless there is a later one. Gives whether it did. */
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

/** Whether a file holds such a document: `analysis.quarantine`, `analysis-2.quarantine`. */
export function isQuarantineOf(path: string, quarantine: string): boolean {
  return quarantineOf(path) === quarantine.replace(/-\d+(?=\.quarantine$)/, "");
}

function freeQuarantine(fileSystem: FileSystem, path: string): string {
  for (let number = 1; ; number += 1) {
    const quarantine = quarantineOf(path).replace(/(?=\.quarantine$)/, number === 1 ? "" : `-${number}`);
    if (statusAt(fileSystem, quarantine) === undefined) return quarantine;
  }
}

export function documentText(fileSystem: FileSystem, path: string): string {
  return withFile(fileSystem, path, READ, (fd) => readAnalysisText(fileSystem, fd));
}

function isWhole(fileSystem: FileSystem, path: string): boolean {
  return parseForeignObject(documentText(fileSystem, path)) !== undefined;
}
