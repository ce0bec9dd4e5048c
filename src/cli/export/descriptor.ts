import { fstatSync, write } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { KaizenError } from "../../errors.ts";
import { fileFailure } from "../input/file-failure.ts";
import type { Output } from "./output.ts";

const standard = ["stdin", "stdout", "stderr"];
const names = new RegExp(
  `^/dev/(?:${standard.join("|")})$|^/dev/fd/(?:0|[1-9]\\d{0,8})$|` +
    `^/proc/(?:self|thread-self|${process.pid})(?:/task/\\d+)?/fd/(?:0|[1-9]\\d{0,8})$`,
);

/** Which open file of this process a path means, if it means one, as `/dev/stdout` and a shell's `>(...)` do. */
export function descriptorOf(path: string): number | undefined {
  if (!names.test(path)) return undefined;
  const name = path.slice(path.lastIndexOf("/") + 1);
  return standard.includes(name) ? standard.indexOf(name) : Number(name);
}

const writeSome = promisify(write);
/** How long to wait for a pipe that is full, and that others have set not to wait by itself. */
const FULL_PIPE_PAUSE_MS = 10;

/**
 * Writes to a file that is open already, where it stands. To open it by its name would begin a plain file anew, fail for
 * a socket, and wait for ever for the reader of a pipe that has gone.
 */
export function descriptorOutput(name: string, descriptor: number): Output {
  if (!isOpen(descriptor)) {
    throw new KaizenError("INVALID_ARGUMENT", `--output is ${name}, and no file or pipe is open there.`, {
      hint: "Open it in the shell, or name a file.",
    });
  }
  let isReaderGone = false;
  return {
    async write(text) {
      let left = Buffer.from(text);
      while (left.length > 0 && !isReaderGone) {
        try {
          left = left.subarray((await writeSome(descriptor, left)).bytesWritten);
        } catch (error) {
          const code = error instanceof Error && "code" in error ? error.code : undefined;
          if (code === "EPIPE" || code === "ECONNRESET") isReaderGone = true;
          else if (code === "EAGAIN") await delay(FULL_PIPE_PAUSE_MS);
          else throw fileFailure(name, "written", error);
        }
      }
    },
    isDone: () => isReaderGone,
    // The process that opened the descriptor closes it.
    async finish() {},
    async abandon() {},
  };
}

/** Node has some open of its own, which are no files. */
function isOpen(descriptor: number): boolean {
  try {
    const stats = fstatSync(descriptor);
    return stats.isFile() || stats.isFIFO() || stats.isSocket() || stats.isCharacterDevice() || stats.isBlockDevice();
  } catch {
    return false;
  }
}
