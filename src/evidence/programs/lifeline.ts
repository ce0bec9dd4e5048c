import type { ChildProcess } from "node:child_process";
import { setPriority } from "node:os";
import { Writable } from "node:stream";

export interface Lifeline {
  /** From -20 to 19, the higher the less processor time, for the program and all that it starts. */
  readonly niceness: number;
}

/**
 * Waits for a line on descriptor 3, and then becomes the program. A shell beside it waits for the end of that pipe,
 * whose other end is ours. However our process ends, also by SIGKILL, the pipe does too, and that shell kills the group,
 * which has the number of the first one.
 */
const SCRIPT = [
  "read -r _ <&3 || exit 126",
  "(read -r _ <&3; kill -KILL -$$) </dev/null >/dev/null 2>&1 &",
  "exec 3<&-",
  'exec "$@"',
].join("\n");

/** How a program is started on a lifeline: descriptor 3 has to be a pipe. It needs a POSIX shell. */
export function onLifeline(program: string, args: readonly string[]): { program: string; args: string[] } {
  return { program: "/bin/sh", args: ["-c", SCRIPT, "sh", program, ...args] };
}

/** Lets the program begin, with its priority set before it can start another. Our end of the pipe stays open. */
export function holdLifeline(child: ChildProcess, { niceness }: Lifeline): void {
  const pipe = child.stdio[3];
  if (!(pipe instanceof Writable)) return;
  // It is gone before it has begun, or did not start at all.
  pipe.on("error", () => {});
  if (child.pid === undefined) return;
  try {
    setPriority(child.pid, niceness);
  } catch {
    // It is gone, or this system does not let us: it runs all the same.
  }
  pipe.write("\n");
}
