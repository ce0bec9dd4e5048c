import { execFile } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleProgram } from "../support/bundle.ts";

let program: ReturnType<typeof bundleProgram>;
beforeAll(() => {
  program = bundleProgram(new URL("./watchdog-program.ts", import.meta.url));
});
afterAll(() => program.remove());

function run(work: string): Promise<{ status: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    // What a person has set for other programs is not for the thread.
    const env = { ...process.env, NODE_OPTIONS: "--stack-trace-limit=5" };
    const child = execFile(process.execPath, [program.path, work], { env }, (_, stdout, stderr) =>
      resolve({ status: child.exitCode ?? child.signalCode, stdout, stderr }),
    );
  });
}

test.each([
  "computing",
  "promises that never end",
  "a pattern that goes on and on",
  "a folder that is read again and again",
])(
  "a hook is given up also while it is busy with %s: with status 0, in one line, and what it has said stays said",
  async (work) => {
    expect(await run(work)).toEqual({
      status: 0,
      stdout: "said before\n",
      stderr: "kaizen-metrics: the work was given up: it would have taken longer than 0.3 s.\n",
    });
  },
);

test("a hook that is over in time says nothing of it", async () => {
  expect(await run("nothing")).toEqual({ status: 0, stdout: "said before\n", stderr: "" });
});
