import { constants, writeSync } from "node:fs";
import type { FileSystem } from "../../src/storage/jsonl/files/file-system.ts";
import { createJsonlStore } from "../../src/storage/jsonl/store.ts";
import { type FileSystemCall, interceptedFileSystem, moveHalf } from "../support/intercepted-file-system.ts";
import { type OperationName, operations, scenarioClock } from "./scenarios.ts";
import { type SideOperation, sideOperations } from "./side-scenarios.ts";

/** What happens at one file system call of an operation in a prepared folder. */
export interface Death {
  readonly root: string;
  /** The call's number (0 for none) or name. */
  readonly at: number | string;
  /** The process ends before the call, or with half of its bytes written, or it stops there as one that hangs does. */
  readonly how: "before" | "within" | "stop";
}

/**
 * Performs an operation once for each death, each in a folder of its own. From its death on, an operation makes no other
 * call, so its folder stays as it was then; at the last death the process ends itself, as `kill -9` does. So one process
 * leaves what many would. Says `<number of the death> <the calls that changed the disk>` for each operation that has been
 * acknowledged all the same. Arguments: the operation, and the deaths in JSON.
 */
const [operation = "", argument = "[]"] = process.argv.slice(2);
const deaths = JSON.parse(argument) as readonly Death[];
for (const [index, death] of deaths.entries()) await die(death, index);

async function die({ root, at, how }: Death, index: number): Promise<void> {
  const isLast = index === deaths.length - 1;
  const changing: string[] = [];
  await new Promise<void>((resolve, reject) => {
    let isDead = false;
    const fileSystem = interceptedFileSystem((call) => {
      if (!isDead && changesTheDisk(call)) changing.push(`${call.number}:${call.name}`);
      if (!isDead && (call.number === at || call.name === at)) {
        if (how === "within") moveHalf(call);
        if (isLast) process.kill(process.pid, how === "stop" ? "SIGSTOP" : "SIGKILL");
        else isDead = true;
        resolve();
      }
      if (!isDead) return call.proceed();
      if (call.name === "fdatasync") return new Promise(() => {});
      throw new Error("a dead process makes no calls");
    });
    perform(root, fileSystem).then(
      () => {
        if (!isDead) writeSync(1, `${index} ${changing.join(" ")}\n`);
        resolve();
      },
      (error) => (isDead ? resolve() : reject(error)),
    );
  });
}

async function perform(root: string, fileSystem: FileSystem): Promise<void> {
  const options = { projectRoot: root, retentionDays: 30, now: scenarioClock.now, onNotice: () => {} } as const;
  const store = createJsonlStore({ ...options, fileSystem });
  if (operation in sideOperations) await sideOperations[operation as SideOperation].perform(store);
  else await operations[operation as OperationName].perform(store.runs);
}

function changesTheDisk(call: FileSystemCall): boolean {
  if (call.name === "openSync") return (Number(call.args[1]) & constants.O_CREAT) !== 0;
  return /^(write|mkdir|link|rename|rmdir|unlink|ftruncate|futimes)/.test(call.name);
}
