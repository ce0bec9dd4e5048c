import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A file system of its own, small enough to fill. */
export interface SmallDisk {
  readonly path: string;
  remount(how: "ro" | "rw"): void;
  remove(): void;
}

/**
 * Mounts one, in a new folder of that path where one is named, or gives `undefined` where this process may not: that
 * takes the rights of root, on Linux.
 */
export function mountSmallDisk(sizeKb: number, at?: string): SmallDisk | undefined {
  if (at !== undefined) mkdirSync(at);
  const path = at ?? mkdtempSync(join(tmpdir(), "kaizen-disk-"));
  const mount = (...args: string[]) => execFileSync("mount", args, { stdio: "ignore" });
  try {
    mount("-t", "tmpfs", "-o", `size=${sizeKb}k`, "tmpfs", path);
  } catch {
    rmSync(path, { recursive: true });
    return undefined;
  }
  return {
    path,
    remount: (how) => mount("-o", `remount,${how}`, path),
    remove() {
      execFileSync("umount", [path]);
      rmSync(path, { recursive: true });
    },
  };
}
