import { spawn } from "node:child_process";
import { existsSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type CheckOptions, runCheck } from "../../../src/evidence/check/run-check.ts";
import { bundleProgram } from "../../support/bundle.ts";
import { temporaryFolder } from "../../support/places.ts";
import { fakeProgram } from "./fake-program.ts";
import { makeFifo } from "./fifo.ts";

const LONG_MS = 100_000;

/** Runs a line in a folder of its own, and gives what it came to and the end of what it printed. */
async function check(command: string, options: Partial<CheckOptions> = {}) {
  let output = "";
  const result = await runCheck({
    command,
    folder: temporaryFolder(),
    timeoutMs: LONG_MS,
    environment: process.env,
    sandboxes: {},
    readTests(text) {
      output = text;
      return undefined;
    },
    ...options,
  });
  return { ...result, output };
}

test.each([
  ["exit 0", "passed", 0],
  ["echo a && false", "failed", 1],
  ["exit 3", "failed", 3],
  ["kill -SEGV $$", "failed", null],
  ["no-such-program-anywhere", "not_started", 127],
  ["./closed", "not_started", 126],
  ["a 'quote without an end", "failed", 2],
])("%s: %s", async (command, outcome, exit) => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "closed"), "", { mode: 0o600 });
  expect(await check(command, { folder })).toMatchObject({ outcome, exit, network: "on" });
});

test("it runs in its folder, and finds no input", async () => {
  const folder = temporaryFolder();
  const { outcome, output } = await check("pwd -P; cat", { folder });
  expect(outcome).toBe("passed");
  expect(output).toBe(`${realpathSync(folder)}\n`);
});

test("a folder that is not there starts nothing", async () => {
  const folder = join(temporaryFolder(), "gone");
  expect(await check("exit 0", { folder })).toMatchObject({ outcome: "not_started", exit: null });
});

test("what it says of its tests is read by the reader that was given, and by no other", async () => {
  const tests = { runner: "vitest", passed: 3, failed: 0 };
  const result = await check("echo 3 passed; echo more >&2", {
    readTests: (text) => (text.includes("3 passed\n") && text.includes("more\n") ? tests : undefined),
  });
  expect(result).toMatchObject({ outcome: "passed", tests });
  const { outcome, tests: none } = await check("nowhere-to-be-found", { readTests: () => tests });
  expect({ outcome, none }).toEqual({ outcome: "not_started", none: undefined });
});

test("of much output only the end is held", async () => {
  const { outcome, output } = await check("head -c 5000000 /dev/zero | tr '\\0' a; echo; echo the end");
  expect(outcome).toBe("passed");
  expect(output.length).toBe(256 * 1024);
  expect(output).toMatch(/^a+\nthe end\n$/);
});

test("its environment is bare", async () => {
  const environment = { ...process.env, CI: "true", SECRET: "s", NODE_OPTIONS: "--no-warnings", LANG: "C.UTF-8" };
  const { output } = await check("env", { environment });
  const names = output.split("\n").flatMap((line) => /^(\w+)=/.exec(line)?.[1] ?? []);
  // The shell adds the last ones by itself.
  const allowed = ["PATH", "HOME", "LANG", "TMPDIR", "PWD", "OLDPWD", "SHLVL", "_"];
  expect(names.filter((name) => !allowed.includes(name))).toEqual([]);
  expect(output).toContain(`PATH=${process.env.PATH}\n`);
  expect(output).toContain("LANG=C.UTF-8\n");
});

test("temporary files lie in a folder of its own, which goes away", async () => {
  const { output } = await check('ls -ld "$TMPDIR"; echo "$TMPDIR"; : > "$TMPDIR/left"');
  const [rights, folder = ""] = output.trim().split("\n");
  expect(rights).toMatch(/^drwx------/);
  expect(existsSync(folder)).toBe(false);
});

test("it and all that it starts have a low priority", async () => {
  const { output } = await check("nice; (nice) & wait");
  expect(output).toBe("10\n10\n");
});

/** A process that will not end by itself, nor by a polite signal, in the background of a process in the background. */
const stubborn = (fifo: string) =>
  `exec 9> '${fifo}'; (trap '' TERM HUP INT; (trap '' TERM HUP; echo here >&9; : > begun; while :; do sleep 1000; done) & wait) &`;

test("at its limit it ends with its children's children", async () => {
  const folder = temporaryFolder();
  const fifo = makeFifo(folder);
  expect(await check(`${stubborn(fifo.path)} wait`, { folder, timeoutMs: 2_000 })).toMatchObject({
    outcome: "timeout",
    exit: null,
  });
  await fifo.ended;
});

test("what it leaves in the background ends with it", async () => {
  const folder = temporaryFolder();
  const fifo = makeFifo(folder);
  const command = `${stubborn(fifo.path)} until [ -e begun ]; do sleep 0.01; done; exit 0`;
  expect(await check(command, { folder })).toMatchObject({ outcome: "passed", exit: 0 });
  await fifo.ended;
});

test("it ends if it is called off", async () => {
  const folder = temporaryFolder();
  const fifo = makeFifo(folder);
  const controller = new AbortController();
  const running = check(`${stubborn(fifo.path)} wait`, { folder, signal: controller.signal });
  await fifo.opened;
  controller.abort(new Error("called off"));
  await expect(running).rejects.toThrow("called off");
  await fifo.ended;
  await expect(check("exit 0", { signal: controller.signal })).rejects.toThrow("called off");
});

test("it ends if the process that runs it is killed", async () => {
  const folder = temporaryFolder();
  const fifo = makeFifo(folder);
  const program = bundleProgram(new URL("run-check-program.ts", import.meta.url));
  onTestFinished(program.remove);
  const checker = spawn(process.execPath, [program.path, folder, `${stubborn(fifo.path)} wait`], {
    stdio: "ignore",
    env: { ...process.env, TMPDIR: folder },
  });
  await fifo.opened;
  checker.kill("SIGKILL");
  await fifo.ended;
});

test.runIf(process.platform === "linux")("without the network, if a trial shows that this can be had", async () => {
  const folder = temporaryFolder();
  const seen = join(folder, "seen");
  const bwrap = fakeProgram(
    folder,
    "bwrap",
    `printf '%s\\n' "$*" >> '${seen}'; while [ "$1" != -- ]; do shift; done; shift; exec "$@"`,
  );
  expect(await check("exit 5", { folder, sandboxes: { bwrap } })).toMatchObject({ network: "off", exit: 5 });
  const options = `--dev-bind / / --unshare-net --die-with-parent --chdir ${folder} --`;
  expect(readFileSync(seen, "utf8")).toBe(`${options} /bin/sh -c :\n${options} /bin/sh -c exit 5\n`);
});

test.each([
  ["does not work here", "exit 1"],
  ["says yes and starts nothing", "kill -KILL $$"],
])("with the network, and said so, if bwrap %s", async (_, script) => {
  const folder = temporaryFolder();
  const bwrap = fakeProgram(folder, "bwrap", script);
  expect(await check("exit 0", { folder, sandboxes: { bwrap } })).toMatchObject({ network: "on", outcome: "passed" });
  expect(await check("exit 0", { sandboxes: { bwrap: join(folder, "none") } })).toMatchObject({ network: "on" });
});

const realBwrap = process.env.KAIZEN_TEST_BWRAP ?? "/usr/bin/bwrap";

test.runIf(existsSync(realBwrap))("bwrap takes the network away, and leaves the loopback", async () => {
  const script = `const net = require("node:net");
const server = net.createServer((socket) => socket.end()).listen(0, "127.0.0.1", () => {
  net.connect(server.address().port, "127.0.0.1").on("close", () => {
    server.close();
    console.log(Object.keys(require("node:os").networkInterfaces()).join());
  }).resume();
});`;
  const folder = temporaryFolder();
  writeFileSync(join(folder, "net.cjs"), script);
  const result = await check(`'${process.execPath}' net.cjs`, { folder, sandboxes: { bwrap: realBwrap } });
  expect(result).toMatchObject({ network: "off", outcome: "passed", output: "lo\n" });
});
