import type { FileSystem } from "../../src/storage/jsonl/files/file-system.ts";
import { interceptedFileSystem } from "../support/intercepted-file-system.ts";

/** Holds the thread for some milliseconds, as a system call that takes long does. */
export function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** What can be taken away from the store, to see that the soak notices. */
export type Control = "none" | "no-lock" | "no-drain";

export function fileSystemWithout(control: Control): FileSystem {
  if (control === "no-lock") return withPrivateLocks();
  if (control === "no-drain") return withHiddenDrains();
  return interceptedFileSystem((call) => call.proceed());
}

/**
 * Each process gets locks of a name of its own, so that it never finds one taken. Each write waits a little first:
 * then two processes are between reading and writing at the same moment on a machine of any speed.
 */
function withPrivateLocks(): FileSystem {
  const own = (arg: unknown) => (typeof arg === "string" && arg.endsWith(".lock") ? `${arg}.${process.pid}` : arg);
  return interceptedFileSystem((call) => {
    if (/^write/i.test(call.name)) pause(3);
    return call.proceed(...call.args.map(own));
  });
}

/** Nobody sees the old files of rewritten logs, so nothing is carried over from them. */
function withHiddenDrains(): FileSystem {
  return interceptedFileSystem((call) => {
    const answer = call.proceed();
    return call.name === "readdirSync" ? (answer as string[]).filter((name) => !name.includes(".drain-")) : answer;
  });
}
