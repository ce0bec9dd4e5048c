import { join } from "node:path";
import type { Repository } from "../find-repository.ts";

/** Which git is started, and the environment that it would inherit. */
export interface Git {
  /** An absolute path. */
  readonly program: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function homeOf({ env }: Git): string | undefined {
  return env.HOME || env.USERPROFILE || undefined;
}

/**
 * The environment of git at work in a private git directory: nothing inherited steers it, it asks nothing and fetches
 * nothing.
 */
export function environmentOf({ env }: Git, { commonDir, worktree }: Repository, folder: string) {
  return {
    ...Object.fromEntries(Object.entries(env).filter(([name]) => !/^GIT_/i.test(name))),
    GIT_DIR: folder,
    GIT_WORK_TREE: worktree,
    GIT_INDEX_FILE: join(folder, "index"),
    GIT_ALTERNATE_OBJECT_DIRECTORIES: alternate(join(commonDir, "objects")),
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_TERMINAL_PROMPT: "0",
    // What stops fetches of missing objects before git 2.45, which knows the variable after it.
    GIT_ALLOW_PROTOCOL: "none",
    GIT_NO_LAZY_FETCH: "1",
    GIT_LITERAL_PATHSPECS: "1",
    LC_ALL: "C",
  };
}

/** Lets git read the configuration of the user and the machine, if that is all it is asked for. */
export const WITH_OWN_CONFIGURATION = { GIT_CONFIG_NOSYSTEM: undefined, GIT_CONFIG_GLOBAL: undefined };

/** In quotes, as git reads them, a path may hold the character that stands between two of them. */
function alternate(folder: string): string {
  const text = process.platform === "win32" ? folder.replaceAll("\\", "/") : folder;
  return `"${text.replaceAll(/["\\]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}
