import * as fs from "node:fs";
import { dirname } from "node:path";
import { KaizenError } from "../../errors.ts";
import { fileFailure } from "../file-failure.ts";
import { clientConfigError } from "./edit.ts";

/** A file of another program, as it was found. */
export interface ConfigFile {
  readonly path: string;
  /** Where its bytes are: behind any symbolic links. */
  readonly target: string;
  readonly isLink: boolean;
  /** `undefined` where there is none. */
  readonly bytes: Buffer | undefined;
  /** Without the mark that some editors put before it. */
  readonly text: string | undefined;
  readonly mode: number | undefined;
}

const BYTE_ORDER_MARK = "\uFEFF";

/** Nobody writes this much by hand, and no client would read it. */
const LARGEST_BYTES = 16 * 1024 * 1024;

export function readConfigFile(path: string): ConfigFile {
  return withFileErrors(path, "read", () => {
    const named = fs.lstatSync(path, { throwIfNoEntry: false });
    if (named === undefined) {
      return { path, target: path, isLink: false, bytes: undefined, text: undefined, mode: undefined };
    }
    const isLink = named.isSymbolicLink();
    const target = isLink ? behindLinks(path) : path;
    const stats = fs.statSync(target);
    if (!stats.isFile()) throw unsafe(path, "is not a plain file");
    if (stats.size > LARGEST_BYTES) throw unsafe(path, "is too large for a configuration");
    const bytes = fs.readFileSync(target);
    return { path, target, isLink, bytes, text: decoded(path, bytes), mode: stats.mode & 0o7777 };
  });
}

/** Fails where nothing could be written there, as far as that can be told without writing. Changes nothing. */
export function expectWritable({ bytes, path, target }: ConfigFile): void {
  withFileErrors(path, "written", () => {
    if (bytes !== undefined) fs.accessSync(target, fs.constants.W_OK);
    // The new content is put beside the old one first.
    fs.accessSync(nearestFolder(dirname(target)), fs.constants.W_OK | fs.constants.X_OK);
  });
}

/** The folder itself, or the one that it would be made in. */
function nearestFolder(folder: string): string {
  const named = fs.lstatSync(folder, { throwIfNoEntry: false });
  if (named === undefined && dirname(folder) !== folder) return nearestFolder(dirname(folder));
  if (fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder;
  throw unsafe(folder, "is in the place of a folder");
}

/** What a write has left, for whoever wants to take it back. */
export interface Written {
  readonly file: ConfigFile;
  /** The folder that was made for it, or the outermost of several. */
  readonly madeFolder: string | undefined;
}

/**
 * Puts a text in the place of what was read, whole or not at all, with the same mode; `undefined` deletes the file, and
 * its folder where that is the client's own and empty then. Fails where somebody else has changed the file since.
 */
export function writeConfigFile(
  file: ConfigFile,
  text: string | undefined,
  { isInOwnFolder }: { readonly isInOwnFolder: boolean },
): Written {
  return writeBytes(file, text === undefined ? undefined : encoded(file, text), isInOwnFolder);
}

/** Puts back what was there before, unless somebody else has changed it since. */
export function takeBack({ file, madeFolder }: Written, before: ConfigFile): void {
  writeBytes({ ...file, mode: before.mode }, before.bytes, false);
  if (madeFolder !== undefined) removeEmptyFolders(dirname(file.path), madeFolder);
}

function writeBytes(file: ConfigFile, bytes: Buffer | undefined, isInOwnFolder: boolean): Written {
  return withFileErrors(file.path, "written", () => {
    if (bytes === undefined) {
      expectUnchanged(file);
      fs.unlinkSync(file.target);
      if (isInOwnFolder) removeEmptyFolders(dirname(file.path), dirname(file.path));
      return { file: { ...file, bytes, text: undefined }, madeFolder: undefined };
    }
    const folder = dirname(file.target);
    const madeFolder = fs.mkdirSync(folder, { recursive: true });
    try {
      replaceFile(file, bytes);
    } catch (error) {
      if (madeFolder !== undefined) removeEmptyFolders(folder, madeFolder);
      throw error;
    }
    return { file: { ...file, bytes }, madeFolder };
  });
}

function replaceFile(file: ConfigFile, bytes: Buffer): void {
  const temporary = `${file.target}.kaizen-${process.pid}.tmp`;
  const fd = fs.openSync(temporary, "wx", file.mode ?? 0o666);
  try {
    try {
      fs.writeFileSync(fd, bytes);
      if (file.mode !== undefined) fs.fchmodSync(fd, file.mode);
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    expectUnchanged(file);
    fs.renameSync(temporary, file.target);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
}

function encoded({ bytes }: ConfigFile, text: string): Buffer {
  const isMarked = bytes?.subarray(0, 3).equals(Buffer.from(BYTE_ORDER_MARK)) === true;
  return Buffer.from(isMarked ? BYTE_ORDER_MARK + text : text);
}

function decoded(path: string, bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw clientConfigError(`${path} is left as it is: not UTF-8.`, "Save it as UTF-8, and try again.", cause);
  }
}

function behindLinks(path: string): string {
  try {
    return fs.realpathSync(path);
  } catch (cause) {
    throw unsafe(path, "is a symbolic link that leads nowhere", cause);
  }
}

function expectUnchanged({ bytes, path, target }: ConfigFile): void {
  const now = fs.existsSync(target) ? fs.readFileSync(target) : undefined;
  const isSame = bytes === undefined ? now === undefined : now?.equals(bytes) === true;
  if (!isSame) throw clientConfigError(`${path} was changed by somebody else just now.`, "Try again.");
}

/** From the innermost folder outwards, up to the outermost. */
function removeEmptyFolders(innermost: string, outermost: string): void {
  try {
    fs.rmdirSync(innermost);
  } catch {
    // Something else is in it, or it is not ours to remove: either way it stays.
    return;
  }
  if (innermost !== outermost) removeEmptyFolders(dirname(innermost), outermost);
}

function unsafe(path: string, what: string, cause?: unknown): KaizenError {
  return new KaizenError("UNSAFE_PATH", `${path} ${what}, so it is left alone.`, {
    hint: "Look at what is there, and move it away.",
    cause,
  });
}

/** What the file system says, as an error with a next step. */
export function withFileErrors<T>(path: string, doing: string, use: () => T): T {
  try {
    return use();
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ENOTDIR" || code === "ELOOP") throw unsafe(path, "is in a place that is no folder", cause);
    throw fileFailure(path, doing, cause);
  }
}
