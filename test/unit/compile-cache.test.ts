import { expect, test } from "vitest";
import { cachePlace } from "../../src/compile-cache.ts";

const places: [Record<string, string>, NodeJS.Platform, string | undefined][] = [
  [{ HOME: "/h" }, "linux", "/h/.cache/kaizen-metrics"],
  [{ HOME: "/h", XDG_CACHE_HOME: "/c" }, "linux", "/c/kaizen-metrics"],
  [{ HOME: "/h", XDG_CACHE_HOME: "in/the/project" }, "linux", "/h/.cache/kaizen-metrics"],
  [{ HOME: "/h", XDG_CACHE_HOME: "" }, "linux", "/h/.cache/kaizen-metrics"],
  [{ HOME: "/h" }, "darwin", "/h/Library/Caches/kaizen-metrics"],
  [{ LOCALAPPDATA: "C:\\a", HOME: "/h" }, "win32", "C:\\a\\kaizen-metrics\\cache"],
  [{ HOME: "h" }, "linux", undefined],
  [{}, "linux", undefined],
  [{}, "win32", undefined],
];

test.each(places)("with %j on %s, compiled code is kept in %s", (environment, platform, folder) => {
  expect(cachePlace(environment, platform)?.folder).toBe(folder);
});
