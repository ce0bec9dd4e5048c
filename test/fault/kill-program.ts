import { constants, writeSync } from "node:fs";
import { createJsonlStore } from "../../src/storage/jsonl/store.ts";
import { type FileSystemCall, interceptedFileSystem, moveHalf } from "../support/intercepted-file-system.ts";
import { type OperationName, operations, scenarioClock } from "./scenarios.ts";

/**
 * Performs one operation on a prepared folder and kills itself, as `kill -9` does, at the n-th file system call: before
 * it, or with half of its bytes written. Says `done` only after the store has acknowledged, and which calls changed
 * something on disk. Arguments: folder, operation, call (0 for none), `before` or `within`.
 */
const [root = "", operation = "", at = "0", how = "before"] = process.argv.slice(2);

const changing: string[] = [];
const fileSystem = interceptedFileSystem((call) => {
  if (changesTheDisk(call)) changing.push(`${call.number}:${call.name}`);
  if (call.number === Number(at)) {
    if (how === "within") moveHalf(call);
    process.kill(process.pid, "SIGKILL");
    // The signal ends the process before it gets to anything else; this is only for the types.
    throw new Error("unreachable");
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
await operations[operation as OperationName].perform(store.executions);
writeSync(1, `done ${changing.join(" ")}\n`);

function changesTheDisk(call: FileSystemCall): boolean {
  if (call.name === "openSync") return (Number(call.args[1]) & constants.O_CREAT) !== 0;
  return /^(write|mkdir|link|rename|unlink|ftruncate|futimes)/.test(call.name);
}
