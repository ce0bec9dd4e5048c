import * as fs from "node:fs";
import { dirname } from "node:path";
import { KaizenError } from "../../errors.ts";
import { clientConfigError, EditRefused } from "./edit.ts";

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
  return translated(path, "read", () => {
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

/**
 * Puts a text in the place of what was read, whole or not at all, with the same mode; `undefined` deletes the file, and
 * its folder where that is the client's own and empty then. Fails where somebody else has changed the file since.
 */
export function writeConfigFile(
  file: ConfigFile,
  text: string | undefined,
  { isInOwnFolder }: { readonly isInOwnFolder: boolean },
): void {
  translated(file.path, "written", () => {
    if (text === undefined) {
      expectUnchanged(file);
      fs.unlinkSync(file.target);
      if (isInOwnFolder) removeEmptyFolder(dirname(file.path));
      return;
    }
    if (file.bytes !== undefined) fs.accessSync(file.target, fs.constants.W_OK);
    fs.mkdirSync(dirname(file.target), { recursive: true });
    const temporary = `${file.target}.kaizen-${process.pid}.tmp`;
    try {
      const fd = fs.openSync(temporary, "wx", file.mode ?? 0o666);
      try {
        fs.writeFileSync(fd, encoded(file, text));
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
  });
}

function encoded({ bytes }: ConfigFile, text: string): string {
  return bytes?.subarray(0, 3).equals(Buffer.from(BYTE_ORDER_MARK)) ? BYTE_ORDER_MARK + text : text;
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

function removeEmptyFolder(folder: string): void {
  try {
    fs.rmdirSync(folder);
  } catch {
    // Something else is in it, or it is not ours to remove: either way it stays.
  }
}

function unsafe(path: string, what: string, cause?: unknown): KaizenError {
  return new KaizenError("UNSAFE_PATH", `${path} ${what}, so it is left alone.`, {
    hint: "Look at what is there, and move it away.",
    cause,
  });
}

/** What the file system says, as an error with a next step. */
function translated<T>(path: string, doing: string, use: () => T): T {
  try {
    return use();
  } catch (cause) {
    if (cause instanceof KaizenError || cause instanceof EditRefused) throw cause;
    if (!(cause instanceof Error && "code" in cause)) throw cause;
    const why = `${path} could not be ${doing} (${String(cause.code)}).`;
    if (cause.code === "EACCES" || cause.code === "EPERM" || cause.code === "EROFS") {
      throw new KaizenError("READ_ONLY", why, { hint: "Ask for the right to do so, and try again.", cause });
    }
    if (cause.code === "ENOSPC" || cause.code === "EDQUOT") {
      throw new KaizenError("DISK_FULL", why, { hint: "Free some space, and try again.", cause });
    }
    if (cause.code === "ENOTDIR" || cause.code === "ELOOP" || cause.code === "EEXIST")
      throw unsafe(path, "is in a place that is no folder", cause);
    throw new KaizenError("IO_ERROR", why, { hint: "Look at the disk, and try again.", cause });
  }
}
