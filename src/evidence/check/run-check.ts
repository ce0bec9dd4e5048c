import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LastOutput } from "../programs/output.ts";
import { type ProgramEnd, runProgram } from "../programs/run-program.ts";
import type { CheckResult, CheckTests } from "./check-result.ts";
import { offlinePrefix, type Prefix, type Sandboxes } from "./network.ts";

export interface CheckOptions {
  /** One line for the shell, as a person of this machine has set it. */
  readonly command: string;
  /** The absolute path of the folder that it runs in. */
  readonly folder: string;
  readonly timeoutMs: number;
  /** The user's environment, of which the check gets very little. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly sandboxes: Sandboxes;
  readonly signal?: AbortSignal | undefined;
  /** Reads what the end of the output says of the tests. The output itself goes nowhere else. */
  readonly readTests?: ((output: string) => CheckTests | undefined) | undefined;
}

const MAX_BYTES = 256 * 1024;
/** As `nice` sets it without a number. */
const NICENESS = 10;
const isWindows = process.platform === "win32";
const inherited = isWindows ? ["PATH", "SystemRoot", "USERPROFILE"] : ["PATH", "HOME", "LANG"];

/**
 * Runs a person's own check: code that an agent may just have written, with the user's rights. It gets an environment of
 * a few variables, a folder of its own for temporary files, little processor time, and no network if that can be had
 * here. It ends with all that it started: at the timeout, when its shell ends, and when this process ends, however that
 * comes. A process that made a session of its own gets away from that; so does a program that forks faster than it can
 * be killed. Rejects only if `signal` says so.
 */
export async function runCheck(options: CheckOptions): Promise<CheckResult> {
  const { folder, sandboxes, signal, timeoutMs } = options;
  signal?.throwIfAborted();
  const temporary = mkdtempSync(join(tmpdir(), "kaizen-check-"));
  try {
    const env = environmentOf(options.environment, temporary);
    const prefix = await offlinePrefix(sandboxes, folder, env, signal);
    const output = new LastOutput(MAX_BYTES);
    const end = await runProgram({
      ...shellLine(prefix, options.command),
      cwd: folder,
      env,
      limitMs: timeoutMs,
      stdout: output,
      stderr: output,
      signal,
      lifeline: { niceness: NICENESS },
    });
    const result = { ...outcomeOf(end), network: prefix === undefined ? "on" : "off" } as const;
    const tests = result.outcome === "not_started" ? undefined : options.readTests?.(output.text());
    return tests === undefined ? result : { ...result, tests };
  } finally {
    removeQuietly(temporary);
  }
}

function shellLine(prefix: Prefix | undefined, command: string) {
  if (isWindows) {
    // Was not tried. cmd.exe reads the line as it stands, between two quotes.
    const program = join(process.env.SystemRoot ?? "C:\\Windows", "System32", "cmd.exe");
    return { program, args: ["/d", "/s", "/c", `"${command}"`], isVerbatim: true };
  }
  const [program, ...args] = [...(prefix ?? []), "/bin/sh", "-c", command];
  return { program: program ?? "/bin/sh", args };
}

function environmentOf(
  environment: Readonly<Record<string, string | undefined>>,
  temporary: string,
): Record<string, string> {
  const given = inherited.flatMap((name): [string, string][] => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value]];
  });
  const places = isWindows ? { TEMP: temporary, TMP: temporary } : { TMPDIR: temporary };
  return { ...Object.fromEntries(given), ...places };
}

function outcomeOf(end: ProgramEnd): Pick<CheckResult, "outcome" | "exit"> {
  if (end.how === "time") return { outcome: "timeout", exit: null };
  if (end.how !== "exited") return { outcome: "not_started", exit: null };
  const { exit } = end;
  if (exit === 126 || exit === 127) return { outcome: "not_started", exit };
  return { outcome: exit === 0 ? "passed" : "failed", exit };
}

/** What a check has made there may be closed to us. */
function removeQuietly(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // It lies among the temporary files, which the system clears.
  }
}
