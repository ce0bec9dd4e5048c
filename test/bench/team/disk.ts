import { existsSync, readFileSync, realpathSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";

/** What the kernel calls file systems that are in memory: tmpfs, ramfs. */
const IN_MEMORY = new Set([0x0102_1994, 0x8584_58f6]);

export interface Disk {
  readonly folder: string;
  /** Its file system, as the machine calls it. */
  readonly name: string;
}

/** A folder for temporary files that is on a disk. Fails if there is none: in memory nothing is flushed. */
export function aDisk(): Disk {
  const folder = [tmpdir(), "/var/tmp"].find((one) => existsSync(one) && !IN_MEMORY.has(statfsSync(one).type));
  if (folder === undefined)
    throw new Error("every folder for temporary files is in memory; set TMPDIR to one on a disk");
  return { folder: realpathSync(folder), name: fileSystemOf(realpathSync(folder)) };
}

function fileSystemOf(folder: string): string {
  const mounts = existsSync("/proc/mounts") ? readFileSync("/proc/mounts", "utf8").split("\n") : [];
  const above = mounts
    .map((line) => line.split(" "))
    .filter(([, place = "-"]) => folder === place || folder.startsWith(place.endsWith("/") ? place : `${place}/`))
    .sort(([, a = ""], [, b = ""]) => a.length - b.length)
    .at(-1);
  return above?.[2] ?? "a file system that is not named here";
}
