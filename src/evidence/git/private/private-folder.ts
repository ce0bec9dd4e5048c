import { lstatSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { LeftOut } from "../limit.ts";

export type FolderKind = "git" | "tree";

const prefixOf = (kind: FolderKind) => `kaizen-${kind}-`;

/** After so long no process needs it any more: a look at git takes less than a second, a person's own check minutes. */
const STALE_MS: Record<FolderKind, number> = { git: 600_000, tree: 86_400_000 };
const MOST_SWEPT = 20;

/** Makes a temporary folder that only this user may look into (0700), and never in the project. Gives its real path. */
export function makePrivateFolder(kind: FolderKind, project: string): string {
  for (const parent of new Set([tmpdir(), ...(sep === "/" ? ["/tmp", "/var/tmp"] : [])])) {
    try {
      const real = realpathSync(parent);
      if (isIn(project, real)) continue;
      sweep(real, kind);
      return mkdtempSync(join(real, prefixOf(kind)));
    } catch {
      // It is missing, full, or not to be written to: the next one may do.
    }
  }
  throw new LeftOut("failed");
}

export function removePrivateFolder(folder: string): void {
  // What a killed program was about to write may come in between.
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Removes what killed processes have left. */
function sweep(parent: string, kind: FolderKind): void {
  const mine = readdirSync(parent).filter((name) => name.startsWith(prefixOf(kind)));
  for (const name of mine.slice(0, MOST_SWEPT)) {
    try {
      const { mtimeMs, uid } = lstatSync(join(parent, name));
      if (uid !== (process.geteuid?.() ?? uid) || Date.now() - mtimeMs < STALE_MS[kind]) continue;
      rmSync(join(parent, name), { recursive: true, force: true });
    } catch {
      // Another process is at it.
    }
  }
}

function isIn(folder: string, place: string): boolean {
  const steps = relative(folder, place);
  return steps !== ".." && !steps.startsWith(`..${sep}`);
}
