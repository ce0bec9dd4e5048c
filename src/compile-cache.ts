import { mkdirSync, statSync } from "node:fs";
import * as nodeModule from "node:module";
import path from "node:path";

/**
 * Has Node keep what it has compiled, from 22.8 on: the next start compiles it no more. It starts as well where the
 * folder cannot be made, read or written to, and where NODE_DISABLE_COMPILE_CACHE is set.
 */
export function keepCompiledCode(): void {
  const enable = "enableCompileCache" in nodeModule ? nodeModule.enableCompileCache : undefined;
  const { NODE_COMPILE_CACHE, NODE_DISABLE_COMPILE_CACHE } = process.env;
  if (typeof enable !== "function" || NODE_COMPILE_CACHE || NODE_DISABLE_COMPILE_CACHE) return;
  const place = cachePlace(process.env, process.platform);
  if (place === undefined) return;
  try {
    // A home that is missing is not made.
    if (!statSync(place.base).isDirectory()) return;
    // What lies there is run: so it is this user's, and in no folder for temporary files.
    mkdirSync(place.folder, { recursive: true, mode: 0o700 });
    enable(place.folder);
  } catch {
    // This machine has no such place.
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
  const { HOME, LOCALAPPDATA, XDG_CACHE_HOME } = environment;
  // By the XDG Base Directory Specification, a relative path counts as none.
  const below = (base: string | undefined, ...names: readonly string[]) =>
    base !== undefined && isAbsolute(base) ? { base, folder: join(base, ...names) } : undefined;
  if (platform === "win32") return below(LOCALAPPDATA, "kaizen-metrics", "cache");
  const usual = platform === "darwin" ? ["Library", "Caches"] : [".cache"];
  return below(XDG_CACHE_HOME, "kaizen-metrics") ?? below(HOME, ...usual, "kaizen-metrics");
}
