import { type Stats, statSync } from "node:fs";
import path from "node:path";
import { CodeCache } from "./code-cache.ts";

/** The cache of this user. `undefined` if it was turned off, or there is no place for it. */
export function codeCacheOf(
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): CodeCache | undefined {
  const place = environment.NODE_DISABLE_COMPILE_CACHE ? undefined : cachePlace(environment, platform);
  // A home that is missing is not made.
  if (place === undefined || stateOf(place.base)?.isDirectory() !== true) return undefined;
  return isOwn(stateOf(place.folder)) ? new CodeCache(place.folder) : undefined;
}

/** Code that another user could have written is not run: as with `sudo`, if it leaves the home as it was. */
function isOwn(folder: Stats | undefined): boolean {
  const user = process.geteuid?.();
  return folder === undefined || user === undefined || (folder.uid === user && (folder.mode & 0o022) === 0);
}

function stateOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

export interface CachePlace {
  readonly folder: string;
  /** What has to be there already. */
  readonly base: string;
}

/** Where programs keep what they can make again. `undefined` if the environment names no such place. */
export function cachePlace(
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): CachePlace | undefined {
  const { isAbsolute, join } = platform === "win32" ? path.win32 : path.posix;
  const { HOME, LOCALAPPDATA, NODE_COMPILE_CACHE, XDG_CACHE_HOME } = environment;
  // By the XDG Base Directory Specification, a relative path counts as none.
  const below = (base: string | undefined, ...names: readonly string[]) =>
    base !== undefined && isAbsolute(base) ? { base, folder: join(base, ...names) } : undefined;
  const named = below(NODE_COMPILE_CACHE, "kaizen-metrics");
  if (named !== undefined) return named;
  if (platform === "win32") return below(LOCALAPPDATA, "kaizen-metrics", "cache");
  const usual = platform === "darwin" ? ["Library", "Caches"] : [".cache"];
  return below(XDG_CACHE_HOME, "kaizen-metrics") ?? below(HOME, ...usual, "kaizen-metrics");
}
