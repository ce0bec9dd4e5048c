import { realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute } from "node:path";
import type { Machine } from "./project-root.ts";

/** The machine that we run on, as far as the search for the project's folder looks at it. Looking changes nothing. */
export const thisMachine: Machine = {
  windows: process.platform === "win32",
  get workingDirectory() {
    return orUndefined(() => process.cwd());
  },
  get home() {
    // HOME may be set to nothing, or to what is no whole path: then it names no folder, and least of all the current one.
    return orUndefined(() => (isAbsolute(homedir()) ? homedir() : undefined));
  },
  kindOf(path) {
    const stats = orUndefined(() => statSync(path));
    return stats === undefined ? "missing" : stats.isDirectory() ? "folder" : "file";
  },
  realPath: (path) => orUndefined(() => realpathSync(path)) ?? path,
};

/** For questions to the system where every failure means the same: it is not there for us. */
function orUndefined<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}
