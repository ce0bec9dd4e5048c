import { constants, writeSync } from "node:fs";
import { createJsonlStore } from "../../src/storage/jsonl/store.ts";
import { type FileSystemCall, interceptedFileSystem, moveHalf } from "../support/intercepted-file-system.ts";
import { type OperationName, operations, scenarioClock } from "./scenarios.ts";
import { type SideOperation, sideOperations } from "./side-scenarios.ts";

/**
 * Performs one operation on a prepared folder and ends itself, as `kill -9` does, at one file system call: before it,
 * or with half of its bytes written. Or it stops there, as a machine that hangs does. Says `done` only after the store
 * has acknowledged, and which calls changed something on disk. Arguments: folder, operation, the call's number (0 for
 * none) or name, and `before`, `within` or `stop`.
 */
const [root = "", operation = "", at = "0", how = "before"] = process.argv.slice(2);

const changing: string[] = [];
const fileSystem = interceptedFileSystem((call) => {
  if (changesTheDisk(call)) changing.push(`${call.number}:${call.name}`);
  if (String(call.number) === at || call.name === at) {
    if (how === "within") moveHalf(call);
    process.kill(process.pid, how === "stop" ? "SIGSTOP" : "SIGKILL");
  }
  return call.proceed();
});

const store = createJsonlStore({
  projectRoot: root,
  retentionDays: 30,
  now: scenarioClock.now,
  onNotice: () => {},
  fileSystem,
});
if (operation in sideOperations) await sideOperations[operation as SideOperation].perform(store);
else await operations[operation as OperationName].perform(store.runs);
writeSync(1, `done ${changing.join(" ")}\n`);

function changesTheDisk(call: FileSystemCall): boolean {
  if (call.name === "openSync") return (Number(call.args[1]) & constants.O_CREAT) !== 0;
  return /^(write|mkdir|link|rename|unlink|ftruncate|futimes)/.test(call.name);
}
