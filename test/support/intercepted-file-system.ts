import type { ErrorCode } from "../../src/errors.ts";
import { type FileSystem, nodeFileSystem, READ } from "../../src/storage/jsonl/files/file-system.ts";

export interface FileSystemCall {
  readonly name: keyof FileSystem;
  /** The call's number, from 1. */
  readonly number: number;
  readonly args: readonly unknown[];
  /** Carries it out, with other arguments where they are given. */
  proceed(...args: unknown[]): unknown;
}

/** The real file system, each call of which passes through a hand that may let it through, change it, or fail it. */
export function interceptedFileSystem(hand: (call: FileSystemCall) => unknown): FileSystem {
  let number = 0;
  return new Proxy({} as FileSystem, {
    get(_, name: keyof FileSystem) {
      const real = nodeFileSystem[name] as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        number += 1;
        const proceed = (...others: unknown[]) => real(...(others.length === 0 ? args : others));
        return hand({ name, number, args, proceed });
      };
    },
  });
}

export type Errno = "ENOSPC" | "EIO" | "EACCES" | "EROFS";
/** `short` moves half of the bytes; `full` does so too, and every write after it finds the disk full. */
export type Fault = Errno | "short" | "full";

/** Which calls can fail in this way. A disk is not full for those who read, and a right is asked for with a path. */
const susceptible: Record<Fault, (name: keyof FileSystem) => boolean> = {
  EIO: () => true,
  ENOSPC: (name) => /open|write|mkdir|link|rename|sync|truncate/.test(name) && !/unlink/.test(name),
  EACCES: (name) => !/^f|close|read(?!dir|link)|write/.test(name),
  EROFS: (name) => /open|mkdir|link|rename/.test(name),
  short: (name) => name === "readSync" || name === "writeSync",
  full: (name) => name === "writeSync",
};

export function canFail(name: keyof FileSystem, fault: Fault): boolean {
  return susceptible[fault](name);
}

/** The code of the error in which a call of the store ends when a call of the file system fails so; none where it goes on. */
export function codeOfFault(fault: Fault, call: Pick<FileSystemCall, "name" | "args">): ErrorCode | undefined {
  const isOfReading = /stat|read/.test(call.name) || (call.name === "openSync" && call.args[1] === READ);
  const codes: Record<Fault, ErrorCode | undefined> = {
    ENOSPC: "DISK_FULL",
    full: "DISK_FULL",
    EIO: "IO_ERROR",
    EACCES: isOfReading ? "IO_ERROR" : "READ_ONLY",
    EROFS: "READ_ONLY",
    short: undefined,
  };
  return codes[fault];
}

export interface FailingFileSystem {
  readonly fileSystem: FileSystem;
  /** The call whose turn it was, and whether it is one that can fail; `undefined` while there were fewer calls. */
  readonly struck: () => (FileSystemCall & { readonly failed: boolean }) | undefined;
  /** From here on every call goes through. */
  heal(): void;
}

/** A file system whose n-th call fails. */
export function failingFileSystem(at: number, fault: Fault): FailingFileSystem {
  let struck: (FileSystemCall & { failed: boolean }) | undefined;
  let healed = false;
  let diskFull = false;
  const fileSystem = interceptedFileSystem((call) => {
    if (healed) return call.proceed();
    if (diskFull && call.name === "writeSync") throw fileSystemError("ENOSPC", call.name);
    if (call.number !== at) return call.proceed();
    struck = { ...call, failed: canFail(call.name, fault) };
    if (!struck.failed) return call.proceed();
    if (fault === "short" || fault === "full") {
      diskFull = fault === "full";
      return moveHalf(call);
    }
    // A descriptor is gone after close, whatever close says of the data.
    if (call.name === "closeSync") call.proceed();
    throw fileSystemError(fault, call.name);
  });
  return {
    fileSystem,
    struck: () => struck,
    heal() {
      healed = true;
    },
  };
}

/** `readSync` and `writeSync` with (fd, buffer, offset, length, position): the store uses no other form. */
export function moveHalf(call: FileSystemCall): unknown {
  const [fd, buffer, offset, length, ...position] = call.args;
  const half = Math.max(1, Math.floor(Number(length) / 2));
  return call.proceed(fd, buffer, offset, half, ...position);
}

export function fileSystemError(code: Errno, syscall: string): Error {
  return Object.assign(new Error(`${code}: made to fail, ${syscall}`), { code, syscall });
}
