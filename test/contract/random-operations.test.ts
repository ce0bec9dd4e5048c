import fc from "fast-check";
import { test } from "vitest";
import { openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { operations, RETENTION_DAYS } from "./operations.ts";
import { TwoWorlds } from "./two-worlds.ts";

/** A failure prints its seed and path; `KAIZEN_TEST_SEED` repeats it, `KAIZEN_TEST_RUNS` looks further. */
const parameters = {
  numRuns: Number(process.env.KAIZEN_TEST_RUNS ?? 60),
  ...(process.env.KAIZEN_TEST_SEED === undefined ? {} : { seed: Number(process.env.KAIZEN_TEST_SEED) }),
  ...(process.env.KAIZEN_TEST_PATH === undefined ? {} : { path: process.env.KAIZEN_TEST_PATH }),
};

test("two stores on one folder answer like the memory store after any sequence of operations", {
  timeout: 600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(operations, async (sequence) => {
      const root = fastTemporaryFolder();
      const worlds = new TwoWorlds(root, (at, now) => openJsonl(at, { now, retentionDays: RETENTION_DAYS }));
      try {
        for (const operation of sequence) {
          await worlds.perform(operation);
          await worlds.compareFigures();
        }
        await worlds.compareEverything();
      } finally {
        await worlds.close();
      }
    }),
    parameters,
  );
});
