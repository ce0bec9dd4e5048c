import { spawn } from "node:child_process";
import { cleanEnvironment } from "./environment.ts";
import { withoutProgress } from "./progress-lines.ts";
import { bundle, checkout } from "./server-process.ts";

export { cleanEnvironment } from "./environment.ts";

export interface Ran {
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** The project, as --root names it. */
  readonly root?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string;
  /** Of the terminal that stdout and stderr go to; left out: they go to pipes. Only of `runCommandHere`. */
  readonly columns?: number;
  /** What a person types at a terminal in answer to a question. Only of `runCommandHere`. */
  readonly typed?: string;
}

/** Runs a command as a user does: the built program, in a process of its own. */
export function runCommand(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const root = options.root === undefined ? [] : ["--root", options.root];
  const child = spawn(process.execPath, [bundle, ...args, ...root], {
    cwd: options.cwd ?? checkout,
    env: cleanEnvironment(options.env),
  });
  const ran = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    ran.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    ran.stderr += text;
  });
  // A command that reads no stdin may be gone before this has arrived.
  child.stdin.on("error", () => {});
  child.stdin.end(options.stdin ?? "");
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) =>
      resolve({ ...ran, stderr: withoutProgress(ran.stderr), status: status ?? signal ?? "unknown" }),
    );
  });
}
