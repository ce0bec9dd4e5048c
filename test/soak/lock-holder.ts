import { appendFileSync, closeSync, openSync, readFileSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { nodeFileSystem } from "../../src/storage/jsonl/files/file-system.ts";
import { Layout } from "../../src/storage/jsonl/files/layout.ts";
import { Locks } from "../../src/storage/jsonl/lock/lock.ts";

/**
 * Takes the lock over and over until it is killed. Inside, it looks for others with means of its own: a file that only
 * one can create, with the pid of whoever is inside. A file of a dead process is what a kill has left; one of a living
 * process, or another's in the place of ours, is two holders at once.
 */
const [root = "", mode = "locked"] = process.argv.slice(2);
const marker = join(root, "inside");
const locks = new Locks({ fileSystem: nodeFileSystem, layout: new Layout(nodeFileSystem, root), timeoutMs: 20_000 });

for (;;) {
  const lock = mode === "locked" ? await locks.acquire("shared") : undefined;
  enter();
  for (let looks = 0; looks < 20; looks += 1) if (whoIsInside() !== process.pid) report("another took our place");
  leave();
  writeSync(1, ".");
  lock?.release();
  if (lock === undefined) await new Promise((resolve) => setImmediate(resolve));
}

function enter(): void {
  const before = whoIsInside();
  if (before !== undefined && isAlive(before)) report(`process ${before} is inside, too`);
  if (before !== undefined) leave();
  try {
    const fd = openSync(marker, "wx");
    writeSync(fd, String(process.pid));
    closeSync(fd);
  } catch (error) {
    report(`another came in at the same moment (${String(error)})`);
  }
}

function leave(): void {
  try {
    unlinkSync(marker);
  } catch {
    report("another has taken our mark away");
  }
}

function whoIsInside(): number | undefined {
  try {
    const pid = readFileSync(marker, "utf8");
    // A process that was killed between creating and writing has left an empty one.
    return pid === "" ? 0 : Number(pid);
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return pid !== 0 && !/^\d+ \(.*\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** A file keeps what was seen even if this process is killed the moment after; a mark on stdout says that it is there. */
function report(what: string): void {
  appendFileSync(join(root, "violations"), `${process.pid}: ${what}\n`);
  writeSync(1, "!");
}
