import { execFileSync } from "node:child_process";
import { createReadStream } from "node:fs";
import { join } from "node:path";

/** A pipe that processes hold open for as long as they live. */
export interface Fifo {
  readonly path: string;
  /** Comes once a first process has written to it. */
  readonly opened: Promise<void>;
  /** Comes once the last process that had it open is gone. */
  readonly ended: Promise<void>;
}

export function makeFifo(folder: string): Fifo {
  const path = join(folder, "fifo");
  execFileSync("mkfifo", [path]);
  const stream = createReadStream(path);
  return {
    path,
    opened: new Promise((resolve) => stream.once("data", () => resolve())),
    ended: new Promise((resolve, reject) => stream.once("end", resolve).once("error", reject)),
  };
}
