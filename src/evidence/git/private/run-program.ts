import { type ChildProcess, spawn } from "node:child_process";
import { killWhole } from "../../programs/kill-whole.ts";
import { LeftOut, type Limit } from "../limit.ts";

export interface ProgramRun {
  /** An absolute path. */
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly input?: Buffer | undefined;
  readonly limit: Limit;
}

const MOST_OUTPUT_BYTES = 8 << 20;
/** After it was killed, a program that waits for a disk ends later, or never. */
const GRACE_MS = 200;
const isWindows = process.platform === "win32";

/**
 * What a program writes to its output. It runs in a session of its own, so it has no terminal to ask at, and all that it
 * has started ends with it. Throws `LeftOut`: `time`, `size` beyond 8 MiB, or `failed` for any status but 0.
 */
export async function outputOf({ args, cwd, env, input, limit, program }: ProgramRun): Promise<Buffer> {
  limit.check();
  const child = spawn(program, args, {
    cwd,
    env,
    detached: !isWindows,
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "ignore"],
    windowsHide: true,
  });
  const killed = () => killWhole(child);
  // Before what removes the folder that it writes into.
  process.prependOnceListener("exit", killed);
  try {
    return await answerOf(child, input, limit.signal);
  } finally {
    process.off("exit", killed);
  }
}

function answerOf(child: ChildProcess, input: Buffer | undefined, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (error: LeftOut | undefined) => {
      signal.removeEventListener("abort", overtime);
      if (error === undefined) resolve(Buffer.concat(chunks));
      else reject(error);
    };
    const cutOff = (why: "time" | "size") => {
      killWhole(child);
      child.stdout?.destroy();
      const late = setTimeout(() => {
        child.unref();
        settle(new LeftOut(why));
      }, GRACE_MS);
      child.once("exit", () => {
        clearTimeout(late);
        settle(new LeftOut(why));
      });
    };
    const overtime = () => cutOff("time");
    signal.addEventListener("abort", overtime, { once: true });
    child.stdout?.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > MOST_OUTPUT_BYTES) cutOff("size");
      else chunks.push(chunk);
    });
    child.once("error", () => settle(new LeftOut("failed")));
    // What it may have left running keeps its output open.
    child.once("exit", () => killWhole(child));
    child.once("close", (status) => settle(status === 0 ? undefined : new LeftOut("failed")));
    // It may end before it has read everything.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
  });
}
