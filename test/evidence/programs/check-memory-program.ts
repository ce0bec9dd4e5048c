import { once } from "node:events";
import { writeSync } from "node:fs";
import { CheckMemory } from "../../../src/evidence/check/check-memory.ts";

/**
 * Checks a tree once, and says `waiting` if another process is at it, `checking` when its own check begins, which ends
 * with a byte on stdin, and in the end the result. Arguments: the file of the memory, the tree.
 */
const [file = "", tree = ""] = process.argv.slice(2);
const memory = new CheckMemory({
  file,
  command: "npm test",
  longestWaitMs: 100_000,
  onWait: () => writeSync(1, "waiting\n"),
});
const found = await memory.once(tree, async () => {
  writeSync(1, "checking\n");
  await once(process.stdin, "data");
  return { outcome: "passed", exit: 0, network: "on" };
});
writeSync(1, `result ${found?.isKnown} ${found?.result.outcome}\n`);
process.exit(0);
