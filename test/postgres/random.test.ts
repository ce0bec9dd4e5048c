import fc from "fast-check";
import { describe, test } from "vitest";
import { operations } from "../contract/operations.ts";
import { verificationOperations } from "../contract/verification-operations.ts";
import { teamStore } from "../support/postgres/place.ts";
import { TeamWorlds } from "./worlds.ts";

/** A failure prints its seed and path; `KAIZEN_TEST_SEED` and `KAIZEN_TEST_PATH` repeat it, `KAIZEN_TEST_RUNS` looks further. */
const parameters = {
  numRuns: Number(process.env.KAIZEN_TEST_RUNS ?? 5),
  ...(process.env.KAIZEN_TEST_SEED === undefined ? {} : { seed: Number(process.env.KAIZEN_TEST_SEED) }),
  ...(process.env.KAIZEN_TEST_PATH === undefined ? {} : { path: process.env.KAIZEN_TEST_PATH }),
};

describe.skipIf(teamStore === undefined)("two processes on one team's store answer like the memory store", () => {
  test("after any sequence of operations", { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(operations, async (sequence) => {
        const worlds = new TeamWorlds();
        for (const operation of sequence) {
          await worlds.perform(operation);
          await worlds.compareFigures();
        }
        await worlds.compareEverything();
        await worlds.close();
      }),
      parameters,
    );
  });

  test("after any sequence of verifications", { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(verificationOperations, async (sequence) => {
        const worlds = new TeamWorlds();
        for (const operation of sequence) {
          await worlds.verify(operation);
          await worlds.compareFigures();
        }
        await worlds.close();
      }),
      parameters,
    );
  });
});
