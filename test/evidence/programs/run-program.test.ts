import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { LastOutput, WholeOutput } from "../../../src/evidence/programs/output.ts";
import { type ProgramOptions, runProgram } from "../../../src/evidence/programs/run-program.ts";
import { temporaryFolder } from "../../support/places.ts";

async function run(script: string, options: Partial<ProgramOptions> = {}) {
  const [stdout, stderr] = [new WholeOutput(1000), new WholeOutput(1000)];
  const end = await runProgram({
    program: "/bin/sh",
    args: ["-c", script],
    cwd: temporaryFolder(),
    env: { PATH: process.env.PATH ?? "" },
    limitMs: 100_000,
    stdout,
    stderr,
    ...options,
  });
  return { end, stdout: stdout.text(), stderr: stderr.text() };
}

test("it reads what it is given, to its end", async () => {
  expect(await run("cat; echo told >&2; exit 4", { stdin: "some words" })).toEqual({
    end: { how: "exited", exit: 4 },
    stdout: "some words",
    stderr: "told\n",
  });
});

test("what it does not read harms nobody", async () => {
  const { end } = await run("exit 0", { stdin: "a".repeat(1_000_000) });
  expect(end).toEqual({ how: "exited", exit: 0 });
});

test.each([undefined, { niceness: 0 }])("what cannot be started is told; on the lifeline %j", async (lifeline) => {
  const { end } = await run("exit 0", { cwd: join(temporaryFolder(), "none"), lifeline });
  expect(end).toEqual({ how: "not_started", code: "ENOENT" });
  const { end: ended } = await run("exit 0", { args: ["-c", "a\0b"], lifeline });
  expect(ended).toEqual({ how: "not_started", code: "ERR_INVALID_ARG_VALUE" });
});

test("on the lifeline it has the arguments as they are, and descriptor 3 for itself", async () => {
  const words = ["a b", "$HOME", "'", "", "*"];
  const script = `printf '<%s>' "$@"; (: <&3) 2>/dev/null && echo open; exit 7`;
  const { end, stdout } = await run("", { args: ["-c", script, "sh", ...words], lifeline: { niceness: 1 } });
  expect(stdout).toBe("<a b><$HOME><'><><*>");
  expect(end).toEqual({ how: "exited", exit: 7 });
});

test("as much as is taken may be printed, and no more", async () => {
  expect(await run("head -c 1000 /dev/zero")).toMatchObject({ end: { how: "exited", exit: 0 } });
  expect(await run("head -c 1001 /dev/zero; sleep 1000")).toMatchObject({ end: { how: "output" } });
  expect(await run("head -c 1001 /dev/zero >&2; sleep 1000")).toMatchObject({ end: { how: "output" } });
});

test.runIf(process.platform === "linux")("a process that got away and holds the output is not waited for", async () => {
  const cwd = temporaryFolder();
  const script = "setsid sh -c 'echo $$ > pid; exec sleep 1000' & until [ -s pid ]; do sleep 0.01; done; echo said";
  const { end, stdout } = await run(script, { cwd });
  onTestFinished(() => {
    process.kill(Number(readFileSync(join(cwd, "pid"), "utf8")), "SIGKILL");
  });
  expect({ end, stdout }).toEqual({ end: { how: "exited", exit: 0 }, stdout: "said\n" });
});

test("the end of an output is held, in however many parts it comes", () => {
  for (const size of [1, 3, 7, 100]) {
    const output = new LastOutput(10);
    const text = "abcdefghijklmnopqrstuvwxyz";
    for (let at = 0; at < text.length; at += size) output.take(Buffer.from(text.slice(at, at + size)));
    expect(output.text()).toBe("qrstuvwxyz");
  }
});
