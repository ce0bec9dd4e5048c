import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import { bundleProgram } from "../../support/bundle.ts";

let program: ReturnType<typeof bundleProgram>;

/** For a file of tests: makes what `startChecker` starts, and takes it away at the end. */
export function useCheckers(): void {
  beforeAll(() => {
    program = bundleProgram(new URL("check-memory-program.ts", import.meta.url));
  });
  afterAll(() => program.remove());
}

/** A process that checks a tree, and ends its check when it is released. */
export function startChecker(file: string, tree: string) {
  const child = spawn(process.execPath, [program.path, file, tree], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const lines: string[] = [];
  const output = createInterface(child.stdout);
  output.on("line", (line) => lines.push(line));
  return {
    lines,
    /** Comes with the first line that begins so. */
    said(begin: string): Promise<string> {
      return new Promise((resolve) => {
        const known = lines.find((line) => line.startsWith(begin));
        if (known !== undefined) resolve(known);
        else output.on("line", (line) => line.startsWith(begin) && resolve(line));
      });
    },
    release: () => child.stdin.write("\n"),
    kill: () => child.kill("SIGKILL"),
  };
}
