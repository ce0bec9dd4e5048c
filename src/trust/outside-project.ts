import { realpathSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { Refused } from "./own-file.ts";
import type { RootFolder } from "./root-folder.ts";
import type { TrustFile } from "./trust-file.ts";

export interface TrustPlaces {
  readonly root: RootFolder;
  readonly file: TrustFile;
  /** The user's home: its own project, if it is one, holds the trust file. */
  readonly home: string | undefined;
}

/** A project cannot bring the file that says whether it is trusted, whatever it makes of the environment. */
export function refuseInProject({ file, home, root }: TrustPlaces): void {
  if (file.path === undefined) return;
  const place = realPathOf(root.path);
  const isInside = isBelow(file.path, root.path) || isBelow(realPathOf(file.path), place);
  if (isInside && (home === undefined || place !== realPathOf(home))) {
    throw new Refused(`${file.path} lies in the project itself`);
  }
}

function isBelow(path: string, folder: string): boolean {
  const below = relative(folder, path);
  return below !== ".." && !below.startsWith(`..${sep}`) && below !== path;
}

/** Where a path leads to through all links, of what is there of it. */
function realPathOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPathOf(parent), relative(parent, path));
  }
}
