import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { coverageEvidence } from "../../src/domain/coverage/coverage.ts";
import { KEPT_SEEN_RUNS } from "../../src/domain/run/runs-by-key.ts";
import { openKaizen } from "../../src/open-kaizen.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { REVIEWER } from "../support/runs.ts";

test.each([
  [40, 40, 33, "40 runs seen, 33 reported"],
  [40, 38, 1, "40 runs seen, 1 reported; 2 still running or killed"],
  [3, 2, 3, "3 runs seen, 3 reported; 1 still running or killed"],
  [2, 2, 0, "2 runs seen, 0 reported"],
  [1, 1, 1, "1 run seen, 1 reported"],
  [1, 0, 0, "1 run seen, 0 reported; 1 still running or killed"],
])("%i started, %i ended and %i reported are told as what they are", (started, ended, reported, sentence) => {
  expect(coverageEvidence({ started, ended, reported, verified: 0 })).toBe(sentence);
});

/** A project's use cases, and a way to have a thousand other runs of the agent begin. */
function setUp() {
  const root = fastTemporaryFolder();
  const kaizen = openKaizen({ projectRoot: root, retentionDays: 180, onNotice: () => {} });
  onTestFinished(() => kaizen.close());
  const timestamp = new Date().toISOString().replace(/\.\d+/, "");
  return {
    kaizen,
    coverage: async () => (await kaizen.summary(REVIEWER)).coverage,
    manyOthersBegin(name: string): void {
      const lines = Array.from({ length: KEPT_SEEN_RUNS }, (_, index) =>
        JSON.stringify({
          ...{ agent: REVIEWER, key: `${name}${index}`, event: "started" },
          ...{ timestamp, first_seen: timestamp },
        }),
      );
      appendFileSync(join(root, ".kaizen", "metrics", REVIEWER, "lifecycle.jsonl"), `${lines.join("\n")}\n`);
    },
  };
}

test("a run that was reported stays reported, however many others begin after it", async () => {
  const { coverage, kaizen, manyOthersBegin } = setUp();
  for (const key of ["during", "after", "never"]) {
    await kaizen.observe(REVIEWER, { key, event: "started" });
    if (key === "during") await kaizen.record({ agent: REVIEWER, success: true, idempotency_key: key });
    await kaizen.observe(REVIEWER, { key, event: "ended" });
    if (key === "after") await kaizen.record({ agent: REVIEWER, success: true, idempotency_key: key });
  }
  expect(await coverage()).toEqual({ started: 3, ended: 3, reported: 2, verified: 0 });
  manyOthersBegin("a");
  expect(await coverage()).toEqual({ started: 3 + KEPT_SEEN_RUNS, ended: 3, reported: 2, verified: 0 });
  // Sent again, it is the same report.
  await kaizen.record({ agent: REVIEWER, success: true, idempotency_key: "during" });
  expect(await coverage()).toMatchObject({ started: 3 + KEPT_SEEN_RUNS, reported: 2 });
});

test("a report of a run that no hook saw, and one without a key, leave no word among what hooks saw", async () => {
  const { coverage, kaizen } = setUp();
  await kaizen.record({ agent: REVIEWER, success: true, idempotency_key: "k" });
  await kaizen.record({ agent: REVIEWER, success: true });
  expect(await coverage()).toBeUndefined();
  await kaizen.observe(REVIEWER, { key: "other", event: "started" });
  await kaizen.record({ agent: REVIEWER, success: true, idempotency_key: "m" });
  expect(await coverage()).toEqual({ started: 1, ended: 0, reported: 0, verified: 0 });
});
