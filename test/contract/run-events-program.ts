import { writeSync } from "node:fs";
import { agentNameSchema } from "../../src/domain/run/agent-name.ts";
import { formatInstant } from "../../src/domain/run/time.ts";
import { createJsonlStore } from "../../src/storage/jsonl/store.ts";

/**
 * One of several processes that see the same runs begin and end, over and over, until it is killed. Arguments: project,
 * a number of its own, runs, and `lifecycle` or `evidence`, which is kept of them. Says of each lifecycle event, or of the
 * facts of that moment, when they were acknowledged, as `<key> <event>`; begins on the first byte of stdin, so that all
 * begin together, and says `done` when it has seen every run.
 */
const [projectRoot = "", own = "", runs = "0", journal = ""] = process.argv.slice(2);

const {
  runs: executions,
  evidence,
  lifecycle,
} = createJsonlStore({
  projectRoot,
  retentionDays: 180,
  now: Date.now,
  onNotice() {},
});
const agent = agentNameSchema.parse("reviewer");

writeSync(1, "ready\n");
process.stdin.once("data", async () => {
  for (let run = 0; run < Number(runs); run += 1) {
    // Every other run is seen by all processes.
    const key = run % 2 === 0 ? `shared-${run}` : `${own}-${run}`;
    for (const event of ["started", "ended"] as const) {
      const timestamp = formatInstant(Date.now());
      // All say the same, so that whoever comes later has nothing to add.
      const facts =
        event === "started" ? { client: "claude-code" as const } : { tools: 3, ended: "2026-11-22T10:00:00Z" };
      if (journal === "evidence") await evidence.note(agent, { key, timestamp, ...facts });
      else await lifecycle.observe(agent, { key, event, timestamp });
      writeSync(1, `${key} ${event}\n`);
    }
  }
  await lifecycle.close();
  await evidence.close();
  await executions.close();
  writeSync(1, "done\n");
  process.exit(0);
});
