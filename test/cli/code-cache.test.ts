import { existsSync, mkdirSync, readdirSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCommand } from "../support/command.ts";
import { temporaryFolder } from "../support/places.ts";

// What V8 has compiled of the program is kept for the next process.

async function start(env: Readonly<Record<string, string | undefined>>, command = "where"): Promise<void> {
  const surroundings = { XDG_CACHE_HOME: undefined, NODE_COMPILE_CACHE: undefined, ...env };
  const { status, stderr } = await runCommand([command], { root: temporaryFolder(), env: surroundings });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
}

/** Which files lie in a cache: each that is written is another one. */
function filesIn(cache: string): Map<string, number> {
  const folder = join(cache, "kaizen-metrics");
  return new Map(readdirSync(folder).map((name) => [name, statSync(join(folder, name)).ino]));
}

test("a command keeps what was compiled for it once, and the next command adds to it", async () => {
  const cache = temporaryFolder();
  await start({ XDG_CACHE_HOME: cache });
  const first = filesIn(cache);
  expect([...first.keys()]).toContainEqual(expect.stringMatching(/^program\.cjs\.v\d+\.\d+\.\d+\.[0-9a-f]{8}$/));
  await start({ XDG_CACHE_HOME: cache });
  expect(filesIn(cache)).toEqual(first);
  await start({ XDG_CACHE_HOME: cache }, "agents");
  const both = filesIn(cache);
  expect([...both.keys()]).toEqual(expect.arrayContaining([...first.keys()]));
  expect(both).not.toEqual(first);
  await start({ XDG_CACHE_HOME: cache });
  await start({ XDG_CACHE_HOME: cache }, "agents");
  expect(filesIn(cache)).toEqual(both);
});

test("what was cut off is made again", async () => {
  const cache = temporaryFolder();
  await start({ XDG_CACHE_HOME: cache });
  const first = filesIn(cache);
  for (const name of first.keys()) truncateSync(join(cache, "kaizen-metrics", name), 9_000);
  await start({ XDG_CACHE_HOME: cache });
  const again = filesIn(cache);
  expect([...again.keys()]).toEqual([...first.keys()]);
  for (const [name, inode] of again) expect(inode).not.toBe(first.get(name));
  await start({ XDG_CACHE_HOME: cache });
  expect(filesIn(cache)).toEqual(again);
});

test.skipIf(process.platform !== "linux")("it is kept in the user's cache", async () => {
  const home = temporaryFolder();
  await start({ HOME: home });
  expect(readdirSync(home)).toEqual([".cache"]);
});

test("nothing is kept if Node is told not to", async () => {
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
