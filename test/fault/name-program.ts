import { writeSync } from "node:fs";
import { agentNameSchema } from "../../src/domain/run/agent-name.ts";
import { createJsonlStore } from "../../src/storage/jsonl/store.ts";
import { clockAt, runMaker } from "../support/runs.ts";
import { appendRun } from "../support/single-calls.ts";

/**
 * Records one run of an agent. Arguments: folder, name. Begins on the first byte of stdin, so that several begin together;
 * says `recorded`, or the code of the error and the name that it should have used.
 */
const [projectRoot = "", name = ""] = process.argv.slice(2);
const clock = clockAt();
const { runs } = createJsonlStore({ projectRoot, retentionDays: 30, now: clock.now, onNotice: () => {} });

writeSync(1, "ready\n");
process.stdin.once("data", async () => {
  const answer = await appendRun(runs, agentNameSchema.parse(name), runMaker(clock)()).then(
    () => "recorded",
    (error: { code: string; hint: string }) => `${error.code} ${/Report as "([^"]+)"/.exec(error.hint)?.[1]}`,
  );
  await runs.close();
  writeSync(1, `${answer}\n`);
  process.exit(0);
});
