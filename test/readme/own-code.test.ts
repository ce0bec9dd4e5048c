import { spawnSync } from "node:child_process";
import { chmodSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/places.ts";
import { checkout } from "../support/server-process.ts";
import { block, chapter } from "./page.ts";

// What the manual's page gives to copy, run as it stands: by Node.js and Python, against the built program. The program
// that imports the package is run by test/package/tarball.test.ts, for it needs the package installed.

const windows = process.platform === "win32";
/** What is missing is said by the name of the skipped test. */
const python = !windows && spawnSync("python3", ["--version"]).status === 0;
const why = python ? "" : " (skipped: there is no python3)";

function run(heading: string, language: string, program: string, more = "") {
  const root = temporaryFolder();
  const bin = temporaryFolder();
  const command = join(bin, "kaizen-metrics");
  writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${join(checkout, "dist", "main.js")}" "$@"\n`);
  chmodSync(command, 0o755);
  symlinkSync(join(checkout, "node_modules"), join(root, "node_modules"));
  const file = join(root, language === "js" ? "program.mjs" : "program.py");
  writeFileSync(file, block(chapter(heading), language) + more);
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, KAIZEN_PROJECT_ROOT: root };
  return spawnSync(program, [file], { cwd: root, env, encoding: "utf8" });
}

test.skipIf(windows)("TypeScript over MCP records a failure and reads the brief", () => {
  const { status, stderr, stdout } = run("TypeScript over MCP", "js", process.execPath);
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringMatching(/error/i) });
  expect(stdout).toMatch(/^run_[0-9a-f]{20}\n# `planner`: 0 of 1 run succeeded /);
});

test.skipIf(!python)(`Python by the command line records a run, and raises what was refused${why}`, () => {
  const more = `
print(record("planner", False)["execution_count"])
try:
    record("planner", "yes")
except RuntimeError as error:
    print(error)
`;
  const { status, stderr, stdout } = run("Python by the command line", "python", "python3", more);
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringMatching(/error/i) });
  expect(stdout).toMatch(/^2\n.*success/);
});

test.skipIf(!python)(`Python over MCP records a run and an exception, with one server${why}`, () => {
  const more = `
metrics = Metrics()
print([(run["success"], run.get("error_type"), run["execution_time_s"] >= 0)
       for run in metrics.call("read_executions", agent="planner")["executions"]])
try:
    metrics.call("record_execution", agent="planner")
except RuntimeError as error:
    print("refused")
metrics.close()
`;
  const { status, stderr, stdout } = run("Python over MCP", "python", "python3", more);
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringMatching(/error/i) });
  expect(stdout).toBe("2\n[(False, 'TimeoutError', True), (True, None, True)]\nrefused\n");
});
