import { chmodSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CodeCache } from "../../src/code-cache/code-cache.ts";
import { cachePlace, codeCacheOf } from "../../src/code-cache/place.ts";
import { temporaryFolder } from "../support/places.ts";

const places: [Record<string, string>, NodeJS.Platform, string | undefined][] = [
  [{ HOME: "/h" }, "linux", "/h/.cache/kaizen-metrics"],
  [{ HOME: "/h", XDG_CACHE_HOME: "/c" }, "linux", "/c/kaizen-metrics"],
  [{ HOME: "/h", XDG_CACHE_HOME: "in/the/project" }, "linux", "/h/.cache/kaizen-metrics"],
  [{ HOME: "/h", XDG_CACHE_HOME: "" }, "linux", "/h/.cache/kaizen-metrics"],
  [{ HOME: "/h" }, "darwin", "/h/Library/Caches/kaizen-metrics"],
  [{ LOCALAPPDATA: "C:\\a", HOME: "/h" }, "win32", "C:\\a\\kaizen-metrics\\cache"],
  [{ HOME: "/h", NODE_COMPILE_CACHE: "/n" }, "linux", "/n/kaizen-metrics"],
  [{ HOME: "h" }, "linux", undefined],
  [{}, "linux", undefined],
  [{}, "win32", undefined],
];

test.each(places)("with %j on %s, compiled code is kept in %s", (environment, platform, folder) => {
  expect(cachePlace(environment, platform)?.folder).toBe(folder);
});

const SOURCE = Buffer.from("a file of the program");
const kept = { code: Buffer.from("what was compiled of it"), commands: ["hook stop", "record"] };

test("what was written is read for the same source, and for no other", () => {
  const cache = new CodeCache(join(temporaryFolder(), "cache"));
  expect(cache.read("a.cjs", SOURCE)).toBeUndefined();
  cache.write("a.cjs", SOURCE, kept);
  expect(cache.read("a.cjs", SOURCE)).toEqual(kept);
  expect(cache.read("a.cjs", Buffer.from("a file of the Program"))).toBeUndefined();
  expect(cache.read("b.cjs", SOURCE)).toBeUndefined();
});

test("a file that is cut off, empty or changed counts as none", () => {
  const folder = temporaryFolder();
  const cache = new CodeCache(folder);
  cache.write("a.cjs", SOURCE, kept);
  const [name = ""] = readdirSync(folder);
  const whole = readFileSync(join(folder, name));
  const changed = Buffer.from(whole);
  changed[whole.length - 3] = 0;
  for (const damaged of [whole.subarray(0, -1), whole.subarray(0, 20), Buffer.alloc(0), Buffer.alloc(9_000), changed]) {
    writeFileSync(join(folder, name), damaged);
    expect(cache.read("a.cjs", SOURCE)).toBeUndefined();
  }
});

test("what was not written for a month is removed, and what a process left unfinished after a day", () => {
  const folder = temporaryFolder();
  const cache = new CodeCache(folder);
  const now = Date.now();
  const ages = { "month-old": 31, recent: 29, "1.unfinished": 2, "2.unfinished": 0.5 };
  for (const [name, days] of Object.entries(ages)) {
    writeFileSync(join(folder, name), "");
    utimesSync(join(folder, name), now / 1_000, now / 1_000 - days * 24 * 60 * 60);
  }
  cache.removeOld(now);
  expect(readdirSync(folder).sort()).toEqual(["2.unfinished", "recent"]);
});

test.skipIf(process.platform === "win32")("a folder that others may write to is no cache", () => {
  const home = temporaryFolder();
  const folder = join(home, ".cache", "kaizen-metrics");
  const environment = { HOME: home };
  expect(codeCacheOf(environment, "linux")).toBeInstanceOf(CodeCache);
  mkdirSync(folder, { recursive: true });
  for (const [mode, isCache] of [
    [0o700, true],
    [0o755, true],
    [0o775, false],
    [0o757, false],
  ] as const) {
    chmodSync(folder, mode);
    expect([mode, codeCacheOf(environment, "linux") !== undefined]).toEqual([mode, isCache]);
  }
  expect(codeCacheOf({ ...environment, NODE_DISABLE_COMPILE_CACHE: "1" }, "linux")).toBeUndefined();
});
