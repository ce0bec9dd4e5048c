import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import * as nodeModule from "node:module";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCommand } from "../support/command.ts";
import { temporaryFolder } from "../support/places.ts";

// A program starts with a cache and without one. What is kept there is for Node to say.

const hasCache = "enableCompileCache" in nodeModule;

async function start(env: Readonly<Record<string, string | undefined>>): Promise<void> {
  const surroundings = { XDG_CACHE_HOME: undefined, NODE_COMPILE_CACHE: undefined, ...env };
  const { status, stderr } = await runCommand(["where"], { root: temporaryFolder(), env: surroundings });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
}

test.skipIf(process.platform !== "linux")("what was compiled is kept in the user's cache, where Node can", async () => {
  const home = temporaryFolder();
  await start({ HOME: home });
  await start({ HOME: home });
  expect(readdirSync(home)).toEqual(hasCache ? [".cache"] : []);
});

test("nothing is kept where Node is told not to", async () => {
  const home = temporaryFolder();
  await start({ HOME: home, LOCALAPPDATA: home, NODE_DISABLE_COMPILE_CACHE: "1" });
  expect(readdirSync(home)).toEqual([]);
});

test("a home that is missing is not made", async () => {
  const home = join(temporaryFolder(), "missing");
  await start({ HOME: home, LOCALAPPDATA: home });
  expect(existsSync(home)).toBe(false);
});

test.skipIf(process.platform === "win32")("a cache that cannot be made keeps nothing from starting", async () => {
  const home = temporaryFolder();
  writeFileSync(join(home, "a file"), "");
  await start({ HOME: home, XDG_CACHE_HOME: join(home, "a file") });
  mkdirSync(join(home, "cache"), { mode: 0o500 });
  await start({ HOME: home, XDG_CACHE_HOME: join(home, "cache") });
  mkdirSync(join(home, "other", "kaizen-metrics"), { recursive: true, mode: 0o500 });
  await start({ HOME: home, XDG_CACHE_HOME: join(home, "other") });
});
