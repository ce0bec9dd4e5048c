import { chmodSync, existsSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CheckMemory, type CheckMemoryOptions } from "../../../src/evidence/check/check-memory.ts";
import type { CheckResult } from "../../../src/evidence/check/check-result.ts";
import { temporaryFolder } from "../../support/places.ts";
import { startChecker, useCheckers } from "./checker.ts";

useCheckers();

const tree = "a".repeat(40);
const passed: CheckResult = {
  outcome: "passed",
  exit: 0,
  network: "off",
  tests: { runner: "vitest", passed: 3, failed: 0 },
};

function memoryIn(file: string, options: Partial<CheckMemoryOptions> = {}) {
  return new CheckMemory({ file, command: "npm test", longestWaitMs: 0, ...options });
}

const notWanted = () => Promise.reject(new Error("no check was wanted"));
const place = () => join(temporaryFolder(), "state", "checks.json");

test("a tree is checked once", async () => {
  const file = place();
  const first = memoryIn(file);
  expect(first.recall(tree)).toBeUndefined();
  expect(existsSync(join(file, ".."))).toBe(false);
  expect(await first.once(tree, async () => passed)).toEqual({ result: passed, isKnown: false });
  expect(await memoryIn(file).once(tree, notWanted)).toEqual({ result: passed, isKnown: true });
  expect(first.recall(tree)).toEqual(passed);
  expect(first.recall("b".repeat(40))).toBeUndefined();
  // The line itself is not kept, and others read nothing of it.
  expect(readFileSync(file, "utf8")).not.toContain("npm test");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(file, "..")).mode & 0o777).toBe(0o700);
  expect(existsSync(`${file}.lock`)).toBe(false);
});

test("another line's result says nothing of this one", async () => {
  const file = place();
  await memoryIn(file).once(tree, async () => passed);
  const failed: CheckResult = { outcome: "failed", exit: 1, network: "on" };
  expect(await memoryIn(file, { command: "make" }).once(tree, async () => failed)).toMatchObject({ isKnown: false });
  expect(memoryIn(file).recall(tree)).toEqual(passed);
  expect(memoryIn(file, { command: "make" }).recall(tree)).toEqual(failed);
});

test("what did not start is tried again", async () => {
  const memory = memoryIn(place());
  const result: CheckResult = { outcome: "not_started", exit: 127, network: "on" };
  expect(await memory.once(tree, async () => result)).toEqual({ result, isKnown: false });
  expect(await memory.once(tree, async () => passed)).toEqual({ result: passed, isKnown: false });
});

test("a check that fails as such leaves neither a result nor a lock", async () => {
  const memory = memoryIn(place());
  await expect(memory.once(tree, () => Promise.reject(new Error("called off")))).rejects.toThrow("called off");
  expect(await memory.once(tree, async () => passed)).toMatchObject({ isKnown: false });
});

test("the newest 200 results are kept", async () => {
  const file = place();
  const trees = Array.from({ length: 202 }, (_, n) => n.toString(16).padStart(40, "0"));
  for (const one of trees) await memoryIn(file).once(one, async () => passed);
  const known = trees.filter((one) => memoryIn(file).recall(one) !== undefined);
  expect(known).toEqual(trees.slice(2));
});

test.each([
  ["cut off", '{"version":1,"results":[{'],
  ["of another form", '{"version":1,"results":[{"tree":"../..","outcome":"passed"}]}'],
  ["of a later version", '{"version":2,"results":[]}'],
])("a file that is %s counts as none", async (_, text) => {
  const file = place();
  await memoryIn(file).once(tree, async () => passed);
  writeFileSync(file, text);
  expect(memoryIn(file).recall(tree)).toBeUndefined();
  expect(await memoryIn(file).once(tree, async () => passed)).toMatchObject({ isKnown: false });
  expect(memoryIn(file).recall(tree)).toEqual(passed);
});

test("a link in the place of the file is neither believed nor followed", async () => {
  const file = place();
  await memoryIn(file).once("b".repeat(40), async () => passed);
  const elsewhere = join(temporaryFolder(), "checks.json");
  const entry = { tree, command: "0123456789abcdef", outcome: "passed", exit: 0, network: "on" };
  writeFileSync(elsewhere, JSON.stringify({ version: 1, results: [entry] }));
  const linked = join(file, "..", "linked.json");
  symlinkSync(elsewhere, linked);
  const memory = memoryIn(linked);
  expect(memory.recall(tree)).toBeUndefined();
  await memory.once(tree, async () => passed);
  expect(readFileSync(elsewhere, "utf8")).toContain("0123456789abcdef");
  expect(memory.recall(tree)).toEqual(passed);
});

test("a folder that others may write to holds no lock, and no check runs", async () => {
  const folder = temporaryFolder();
  chmodSync(folder, 0o777);
  const memory = memoryIn(join(folder, "checks.json"));
  await expect(memory.once(tree, notWanted)).rejects.toMatchObject({ code: "IO_ERROR", hint: expect.any(String) });
});

test("two processes with the same tree run one check", async () => {
  const file = place();
  const first = startChecker(file, tree);
  await first.said("checking");
  const second = startChecker(file, tree);
  await second.said("waiting");
  first.release();
  expect(await first.said("result")).toBe("result false passed");
  expect(await second.said("result")).toBe("result true passed");
  expect(second.lines).not.toContain("checking");
});

test("two processes with different trees check one after the other", async () => {
  const file = place();
  const first = startChecker(file, tree);
  await first.said("checking");
  const second = startChecker(file, "b".repeat(40));
  await second.said("waiting");
  expect(second.lines).not.toContain("checking");
  first.release();
  await first.said("result");
  await second.said("checking");
  second.release();
  expect(await second.said("result")).toBe("result false passed");
  expect(memoryIn(file).recall(tree)).toMatchObject({ outcome: "passed" });
});

test("a checker that is killed keeps nobody waiting, and one of those who wait takes its place", async () => {
  const file = place();
  const killed = startChecker(file, tree);
  await killed.said("checking");
  const waiting = [startChecker(file, tree), startChecker(file, tree), startChecker(file, tree)];
  await Promise.all(waiting.map((one) => one.said("waiting")));
  killed.kill();
  const next = await Promise.race(waiting.map(async (one) => ({ one, line: await one.said("checking") })));
  next.one.release();
  await Promise.all(waiting.map((one) => one.said("result")));
  expect(waiting.flatMap(({ lines }) => lines).filter((line) => line === "checking")).toHaveLength(1);
});

/** Larger than Linux, macOS or Windows give as a rule. */
const NO_PID = 2 ** 22 + 1;

const lockOf = (file: string, holder: object, ageS: number) => {
  const lock = `${file}.lock`;
  writeFileSync(lock, JSON.stringify(holder), { mode: 0o600 });
  const at = Date.now() / 1000 - ageS;
  utimesSync(lock, at, at);
};

test.each([
  ["of another machine, dated a moment ago", { pid: NO_PID, host: "elsewhere" }, 1, false],
  ["of another machine, not dated for long", { pid: NO_PID, host: "elsewhere" }, 11, true],
  ["of a process that lives", { pid: process.pid, host: hostname() }, 1, false],
  ["of a process that lives, but does not date it", { pid: process.pid, host: hostname() }, 11, true],
  ["of a process that is gone", { pid: NO_PID, host: hostname() }, 1, true],
  ["without a holder, a moment ago", {}, 1, false],
  ["without a holder, for long", {}, 11, true],
])("a lock %s", async (_, holder, ageS, isTaken) => {
  const file = place();
  await memoryIn(file).once("b".repeat(40), async () => passed);
  lockOf(file, { ...holder, token: "t" }, ageS);
  const result = await memoryIn(file).once(tree, async () => passed);
  expect(result).toEqual(isTaken ? { result: passed, isKnown: false } : undefined);
  expect(existsSync(`${file}.lock`)).toBe(!isTaken);
});

test("the turn of a process that was killed while it took a lock away passes", async () => {
  const file = place();
  await memoryIn(file).once("b".repeat(40), async () => passed);
  lockOf(file, { pid: 1, host: "elsewhere", token: "t" }, 20);
  writeFileSync(`${file}.lock.turn`, "");
  const old = Date.now() / 1000 - 20;
  utimesSync(`${file}.lock.turn`, old, old);
  const result = await memoryIn(file, { longestWaitMs: 10_000 }).once(tree, async () => passed);
  expect(result).toEqual({ result: passed, isKnown: false });
});

test("waiting can be called off", async () => {
  const file = place();
  const first = startChecker(file, tree);
  await first.said("checking");
  const controller = new AbortController();
  const memory = memoryIn(file, {
    longestWaitMs: 100_000,
    signal: controller.signal,
    onWait: () => controller.abort(),
  });
  await expect(memory.once(tree, notWanted)).rejects.toMatchObject({ name: "AbortError" });
});
