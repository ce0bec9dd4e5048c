import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

export interface Started {
  readonly child: ChildProcess;
  /** The next line that it says. */
  line(): Promise<string>;
  exit(): Promise<void>;
}

export function start(
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; stderr?: "inherit" | "ignore" } = {},
): Started {
  const child = spawn(process.execPath, args, {
    stdio: ["pipe", "pipe", options.stderr ?? "inherit"],
    cwd: options.cwd,
    env: options.env,
  });
  const gone = once(child, "exit");
  let text = "";
  const heard: string[] = [];
  let wake = () => {};
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    heard.push(...lines);
    wake();
  });
  return {
    child,
    async line() {
      while (heard.length === 0) {
        const more = new Promise<void>((resolve) => {
          wake = resolve;
        });
        const ended = await Promise.race([more, gone.then(() => "ended" as const)]);
        if (ended === "ended" && heard.length === 0) throw new Error(`${args.join(" ")} ended without an answer`);
      }
      return heard.shift() ?? "";
    },
    async exit() {
      await gone;
    },
  };
}

/** Runs a program to its first line, and to its end; gives the line and the time from start to it. */
export async function runToFirstLine(args: readonly string[]): Promise<{ ms: number; line: string }> {
  const begun = performance.now();
  const started = start(args);
  const line = await started.line();
  const ms = performance.now() - begun;
  started.child.stdin?.destroy();
  await started.exit();
  return { ms, line };
}
