import { constants } from "node:fs";
import type { FileSystem } from "../../src/storage/jsonl/files/file-system.ts";
import { createJsonlStore } from "../../src/storage/jsonl/store.ts";
import { type FileSystemCall, interceptedFileSystem } from "../support/intercepted-file-system.ts";
import { type OperationName, operations, scenarioClock } from "./scenarios.ts";
import { type SideOperation, sideOperations } from "./side-scenarios.ts";

/** Performs an operation by its name, in a prepared folder. */
export async function perform(operation: string, root: string, fileSystem: FileSystem): Promise<void> {
  const options = { projectRoot: root, retentionDays: 30, now: scenarioClock.now, onNotice: () => {} } as const;
  const store = createJsonlStore({ ...options, fileSystem });
  if (operation in sideOperations) await sideOperations[operation as SideOperation].perform(store);
  else await operations[operation as OperationName].perform(store.runs);
}

/** Performs it, and gives the file system calls by which it changed the disk. */
export async function changesOf(operation: string, root: string): Promise<Pick<FileSystemCall, "name" | "number">[]> {
  const changes: FileSystemCall[] = [];
  const fileSystem = interceptedFileSystem((call) => {
    if (changesTheDisk(call)) changes.push(call);
    return call.proceed();
  });
  await perform(operation, root, fileSystem);
  return changes;
}

function changesTheDisk(call: FileSystemCall): boolean {
  if (call.name === "openSync") return (Number(call.args[1]) & constants.O_CREAT) !== 0;
  return /^(write|mkdir|link|rename|rmdir|unlink|ftruncate|futimes)/.test(call.name);
}
