import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { encodeLine } from "../../src/storage/jsonl/codec.ts";
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
