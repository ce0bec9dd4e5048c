import * as fs from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { KaizenError } from "../../../errors.ts";
import { fileFailure } from "../../input/file-failure.ts";
import type { OpenFolder } from "../../input/open-folder.ts";
import { placeBelow, type RealFolder, removeEmptyFolders, withFolder } from "../../input/real-folder.ts";
import { clientConfigError } from "../entry/edit.ts";

/** A file of another program below the project's folder, as it was found. */
export interface ConfigFile {
  readonly root: RealFolder;
  /** As it is named to people. */
  readonly path: string;
  /** Where its bytes are: behind any symbolic links, none of which leads out of the project. */
  readonly target: string;
  /** Whether the file itself is a symbolic link. */
  readonly isLink: boolean;
  /** Whether it, or a folder on the way to it, is one. */
  readonly isBehindLink: boolean;
  /** `undefined` if there is none. */
  readonly bytes: Buffer | undefined;
  /** Without the mark that some editors put before it. */
  readonly text: string | undefined;
  readonly mode: number | undefined;
}

const BYTE_ORDER_MARK = "\uFEFF";

/**
 * The bound for `init` and for hooks. People write a few kB; a file that came with a clone must not keep us busy, and
 * what reads TOML takes time that grows with the square of the size of one that is made for that.
 */
export const MAX_CONFIG_BYTES = 256 * 1024;

/** Reads a file by its path from the project's folder, with `/`; `path` is how it is named to people. */
export function readConfigFile(root: RealFolder, file: string, path: string): ConfigFile {
  return withFileErrors(path, "read", () => {
    const names = file.split("/");
    const target = placeBelow(root, names);
    const found = ifThere(() => withFolder(root, dirname(target), {}, (folder) => readIn(folder, path, target)));
    return {
      root,
      path,
      target,
      isLink: target !== join(placeBelow(root, names.slice(0, -1)), names.at(-1) ?? ""),
      isBehindLink: target !== join(root.path, ...names),
      bytes: found?.bytes,
      text: found === undefined ? undefined : decoded(path, found.bytes),
      mode: found?.mode,
    };
  });
}

function readIn(folder: OpenFolder, path: string, target: string): { bytes: Buffer; mode: number } | undefined {
  const name = basename(target);
  const named = folder.status(name);
  if (named === undefined) return undefined;
  if (!named.isFile()) throw unsafe(path, "is not a plain file");
  const fd = folder.open(name, fs.constants.O_RDONLY);
  try {
    const stats = fs.fstatSync(fd);
    if (!stats.isFile()) throw unsafe(path, "is not a plain file");
    if (stats.size > MAX_CONFIG_BYTES) throw tooLarge(path, stats.size);
    return { bytes: fs.readFileSync(fd), mode: stats.mode & 0o7777 };
  } finally {
    fs.closeSync(fd);
  }
}

function tooLarge(path: string, size: number): KaizenError {
  const [has, most] = [size, MAX_CONFIG_BYTES].map((bytes) => bytes.toLocaleString("en"));
  return clientConfigError(
    `${path} is left as it is: it has ${has} bytes, and a configuration of more than ${most} is not read.`,
    "Look at what makes it so large, and take that out.",
  );
}

/** Fails if nothing could be written there, as far as that can be told without writing. Changes nothing. */
export function expectWritable({ bytes, path, root, target }: ConfigFile): void {
  const look = (folder: string, name?: string): true | undefined =>
    ifThere(() => {
      // The new content is put beside the old one first.
      withFolder(root, folder, {}, (open) => open.expectWritable(name));
      return true;
    }) ?? (folder === root.path ? undefined : look(dirname(folder)));
  withFileErrors(path, "written", () => look(dirname(target), bytes === undefined ? undefined : basename(target)));
}

/** What a write has left, for `takeBack`. */
export interface Written {
  readonly file: ConfigFile;
  /** The folder that was made for it, or the outermost of several. */
  readonly madeFolder: string | undefined;
}

/**
 * Puts a text in the place of what was read, whole or not at all, with the same mode; `undefined` deletes the file, and
 * its folders if they are the client's own and empty then. Fails if another process has changed the file since.
 */
export function writeConfigFile(
  file: ConfigFile,
  text: string | undefined,
  { isInOwnFolder }: { readonly isInOwnFolder: boolean },
): Written {
  return writeBytes(file, text === undefined ? undefined : encoded(file, text), isInOwnFolder);
}

/** Puts back what was there before. Fails if another process has changed the file since. */
export function takeBack({ file, madeFolder }: Written, before: ConfigFile): void {
  writeBytes({ ...file, mode: before.mode }, before.bytes, false);
  if (madeFolder !== undefined) removeEmptyFolders(file.root, dirname(file.target), madeFolder);
}

function writeBytes(file: ConfigFile, bytes: Buffer | undefined, isInOwnFolder: boolean): Written {
  const { path, root, target } = file;
  const folder = dirname(target);
  return withFileErrors(path, "written", () => {
    if (bytes === undefined) {
      withFolder(root, folder, {}, (open) => {
        expectUnchanged(open, file);
        open.removeFile(basename(target));
      });
      if (isInOwnFolder && !file.isBehindLink) removeEmptyFolders(root, folder, firstFolder(root, folder));
      return { file: { ...file, bytes, text: undefined }, madeFolder: undefined };
    }
    return withFolder(root, folder, { make: true }, (open) => {
      try {
        replaceFile(open, file, bytes);
      } catch (error) {
        if (open.made !== undefined) removeEmptyFolders(root, folder, open.made);
        throw error;
      }
      return { file: { ...file, bytes }, madeFolder: open.made };
    });
  });
}

/** The client's own folder, in which this one lies. */
function firstFolder(root: RealFolder, folder: string): string {
  const [first = ""] = relative(root.path, folder).split(sep);
  return join(root.path, first);
}

const CREATE = fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_EXCL;

function replaceFile(folder: OpenFolder, file: ConfigFile, bytes: Buffer): void {
  const name = basename(file.target);
  const temporary = `${name}.kaizen-${process.pid}.tmp`;
  const fd = folder.open(temporary, CREATE, file.mode ?? 0o666);
  try {
    try {
      fs.writeFileSync(fd, bytes);
      if (file.mode !== undefined) fs.fchmodSync(fd, file.mode);
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    expectUnchanged(folder, file);
    folder.rename(temporary, name);
  } catch (error) {
    discard(folder, temporary);
    throw error;
  }
}

/** Why it could not be written is to be told, and not that this could not be removed. */
function discard(folder: OpenFolder, name: string): void {
  try {
    folder.removeFile(name);
  } catch {}
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

function expectUnchanged(folder: OpenFolder, { bytes, path, target }: ConfigFile): void {
  const now = readIn(folder, path, target)?.bytes;
  const isSame = bytes === undefined ? now === undefined : now?.equals(bytes) === true;
  if (!isSame) throw clientConfigError(`${path} was changed by another program just now.`, "Try again.");
}

function ifThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
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
