import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The file system that Linux keeps in memory, where nothing waits for a disk. */
export const MEMORY = "/dev/shm";

/** More than twice what all tests together keep at one time. */
const NEEDED_BYTES = 2 ** 30;

/** Makes a folder in memory that has room for what tests keep, and runs programs; `undefined` if there is no such place. */
export function folderInMemory(): string | undefined {
  if (!existsSync(MEMORY)) return undefined;
  const { bavail, bsize } = statfsSync(MEMORY);
  if (bavail * bsize < NEEDED_BYTES) return undefined;
  const folder = mkdtempSync(join(MEMORY, "kaizen-tests-"));
  // As it is with temporary files: other users, such as a server's, go through it.
  chmodSync(folder, 0o1777);
  if (runsPrograms(folder)) return folder;
  rmSync(folder, { recursive: true });
  return undefined;
}

/** Where temporary files are on the disk, whatever the other tests have: for the one that lets many processes loose on it. */
export function diskFolder(): string {
  return process.env.KAIZEN_TEST_DISK ?? tmpdir();
}

/** Containers often have it without: then what a test writes there cannot be started. */
function runsPrograms(folder: string): boolean {
  const program = join(folder, "program");
  writeFileSync(program, "#!/bin/sh\n", { mode: 0o755 });
  try {
    execFileSync(program);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(program);
  }
}
