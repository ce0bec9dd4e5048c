import { LastOutput } from "../programs/output.ts";
import { runProgram } from "../programs/run-program.ts";

/** Absolute paths of what can take the network from a program. */
export interface Sandboxes {
  /** On Linux (containers/bubblewrap). */
  readonly bwrap?: string | undefined;
  /** On macOS. Was not tried. */
  readonly sandboxExec?: string | undefined;
}

/** What stands before a command that is to run without the network. */
export type Prefix = readonly [program: string, ...args: string[]];

const PROBE_MS = 5_000;

/** Leaves the loopback, which tests with a server of their own need. */
const PROFILE = [
  "(version 1)",
  "(allow default)",
  "(deny network*)",
  '(allow network* (local ip "localhost:*"))',
  '(allow network* (remote ip "localhost:*"))',
  "(allow network* (remote unix-socket))",
].join("");

/**
 * Finds by a trial whether a program can run here without the network, and how. A container may have bwrap and not let
 * it work, so that it is there says nothing. `undefined` if it cannot.
 */
export async function offlinePrefix(
  { bwrap, sandboxExec }: Sandboxes,
  folder: string,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<Prefix | undefined> {
  const prefix = prefixOf({ bwrap, sandboxExec }, folder);
  if (prefix === undefined) return undefined;
  const [program, ...args] = prefix;
  const [stdout, stderr] = [new LastOutput(1), new LastOutput(1)];
  const probe = { program, args: [...args, "/bin/sh", "-c", ":"], cwd: folder, env, limitMs: PROBE_MS };
  const end = await runProgram({ ...probe, stdout, stderr, signal });
  return end.how === "exited" && end.exit === 0 ? prefix : undefined;
}

function prefixOf({ bwrap, sandboxExec }: Sandboxes, folder: string): Prefix | undefined {
  if (process.platform === "linux" && bwrap !== undefined) {
    return [bwrap, "--dev-bind", "/", "/", "--unshare-net", "--die-with-parent", "--chdir", folder, "--"];
  }
  if (process.platform === "darwin" && sandboxExec !== undefined) return [sandboxExec, "-p", PROFILE];
  return undefined;
}
