import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { errorCodeOf } from "../../errors.ts";
import { killWhole } from "./kill-whole.ts";
import { holdLifeline, type Lifeline, onLifeline } from "./lifeline.ts";
import type { Output } from "./output.ts";

export interface ProgramOptions {
  /** An absolute path: nothing is looked up. */
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment: nothing of ours is added to it. */
  readonly env: Readonly<Record<string, string>>;
  readonly limitMs: number;
  readonly stdout: Output;
  readonly stderr: Output;
  /** What it reads. Without this it finds the end of its input at once. */
  readonly stdin?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** On Windows: the arguments are one line already, and are not quoted again. */
  readonly isVerbatim?: boolean | undefined;
  /** For a program that must not outlive this process. */
  readonly lifeline?: Lifeline | undefined;
}

/** How a program ended. `exit` is `null` if a signal ended it that was not ours. */
export type ProgramEnd =
  | { readonly how: "exited"; readonly exit: number | null }
  /** It took longer than `limitMs`, or printed more than an output takes, and was killed. */
  | { readonly how: "time" }
  | { readonly how: "output" }
  | { readonly how: "not_started"; readonly code: string };

/** What the program printed may still be on its way once it has ended; a process that got away may hold the pipe for ever. */
const DRAIN_MS = 1_000;

/**
 * Runs a program without a terminal and in a process group of its own. Once it has ended, and at the limit, the whole
 * group is killed: what it left in the background ends as well, unless it made a session of its own. Rejects only if
 * `signal` says so, after the group was killed.
 *
 * On Windows, which was not tried, the tree of processes is killed at the limit; what outlives the program is not.
 */
export async function runProgram(options: ProgramOptions): Promise<ProgramEnd> {
  options.signal?.throwIfAborted();
  let child: ChildProcess;
  try {
    child = start(options);
  } catch (error) {
    return { how: "not_started", code: reasonOf(error) };
  }
  return ended(child, options);
}

function start({ args, cwd, env, isVerbatim = false, lifeline, program, stdin }: ProgramOptions): ChildProcess {
  const isPosix = process.platform !== "win32";
  const input = stdin === undefined ? "ignore" : "pipe";
  const common: SpawnOptions = {
    cwd,
    env: { ...env },
    detached: isPosix,
    windowsHide: true,
    windowsVerbatimArguments: isVerbatim,
  };
  if (lifeline === undefined || !isPosix) {
    return spawn(program, args, { ...common, stdio: [input, "pipe", "pipe"] });
  }
  const held = onLifeline(program, args);
  const child = spawn(held.program, held.args, { ...common, stdio: [input, "pipe", "pipe", "pipe"] });
  holdLifeline(child, lifeline);
  return child;
}

function ended(child: ChildProcess, { limitMs, signal, stderr, stdin, stdout }: ProgramOptions): Promise<ProgramEnd> {
  return new Promise((resolve, reject) => {
    let end: ProgramEnd | undefined;
    let drain: NodeJS.Timeout | undefined;
    const stop = (how: "time" | "output") => {
      end ??= { how };
      killWhole(child);
    };
    const limit = setTimeout(() => stop("time"), limitMs);
    const onAbort = () => killWhole(child);
    signal?.addEventListener("abort", onAbort, { once: true });
    const settle = (last: ProgramEnd) => {
      clearTimeout(limit);
      clearTimeout(drain);
      signal?.removeEventListener("abort", onAbort);
      if (signal?.aborted) reject(signal.reason);
      else resolve(last);
    };
    child.stdout?.on("data", (chunk: Buffer) => stdout.take(chunk) || stop("output"));
    child.stderr?.on("data", (chunk: Buffer) => stderr.take(chunk) || stop("output"));
    // A program that reads nothing may be gone before this has arrived.
    child.stdin?.on("error", () => {});
    child.stdin?.end(stdin);
    child.on("error", (error) => {
      if (child.pid === undefined) settle({ how: "not_started", code: reasonOf(error) });
    });
    child.on("exit", (exit) => {
      end ??= { how: "exited", exit };
      killWhole(child);
      drain = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, DRAIN_MS);
    });
    child.on("close", (exit) => settle(end ?? { how: "exited", exit }));
  });
}

function reasonOf(error: unknown): string {
  return errorCodeOf(error) ?? "no reason given";
}
