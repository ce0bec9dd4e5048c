import { closeSync, copyFileSync, fdatasyncSync, fsyncSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { encodeLine } from "../../src/adr004/run-line.ts";
import { logPath } from "../support/foreign-writer.ts";
import { REVIEWER } from "../support/runs.ts";
import { benchRun, freshId } from "./history.ts";

/** What nobody can be faster than who keeps the same promise: open, write the same bytes at the end, flush, close. */
export function physicalAppend(root: string): () => void {
  const path = join(root, "physical.jsonl");
  let ordinal = 0;
  return () => {
    ordinal += 1;
    const line = encodeLine(benchRun(freshId(), Date.now(), ordinal).record);
    const fd = openSync(path, "a");
    writeSync(fd, line);
    fdatasyncSync(fd);
    closeSync(fd);
  };
}

/** The least that it takes to write a log anew: reading it, writing as much, and flushing it. Gives ms. */
export function physicalRewrite(root: string): number {
  const [log, copy] = [logPath(root, REVIEWER), join(root, "copy")];
  const begun = performance.now();
  copyFileSync(log, copy);
  const fd = openSync(copy, "r+");
  fsyncSync(fd);
  closeSync(fd);
  const ms = performance.now() - begun;
  rmSync(copy);
  return ms;
}
