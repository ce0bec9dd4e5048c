import { randomBytes } from "node:crypto";
import { writeSync } from "node:fs";
import type { Verifier } from "../../src/domain/verification/verification.ts";
import { Kaizen } from "../../src/kaizen/kaizen.ts";
import { createJsonlStore } from "../../src/storage/jsonl/store.ts";

/**
 * One of several processes that verification the same runs and adopt the same recommendation. Arguments: project, verifier, id
 * of the recommendation, ids of the runs. Begins on the first byte of stdin, so that all begin together; says what the
 * last receipt said.
 */
const [projectRoot = "", verifier = "", recommendation = "", ...ids] = process.argv.slice(2);

const kaizen = new Kaizen({
  store: createJsonlStore({ projectRoot, retentionDays: 180, now: Date.now, onNotice: () => {} }),
  now: Date.now,
  randomHex: () => randomBytes(16).toString("hex"),
  retentionDays: 180,
});

writeSync(1, "ready\n");
process.stdin.once("data", async () => {
  const adopted = await kaizen.updateRecommendation({ id: recommendation, status: "adopted" });
  for (const [index, execution_id] of ids.entries()) {
    const verified_by = verifier as Verifier;
    // Every verifier but one agrees, and that one only on the odd runs.
    const success = verified_by === "agent" ? index % 2 === 0 : true;
    await kaizen.verify({ agent: "reviewer", execution_id, success, verified_by });
    await kaizen.record({ agent: "reviewer", success: false });
  }
  await kaizen.close();
  writeSync(1, `${adopted.status}\n`);
  process.exit(0);
});
