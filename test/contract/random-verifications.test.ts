import { appendFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
import type { JsonlRuns } from "../../src/storage/jsonl/executions.ts";
import type { NewVerification, RunStore } from "../../src/storage/store.ts";
import { createMemoryStore } from "../oracle/memory.ts";
import type { MemoryRuns } from "../oracle/memory-runs.ts";
import { idOf } from "../support/histories.ts";
import { openJsonl } from "../support/jsonl.ts";
import { type Clock, clockAt, REVIEWER } from "../support/runs.ts";
import { appendRun, verifyRun } from "../support/single-calls.ts";
import { comparableOverview } from "./comparable.ts";
import { verifiedPart } from "./verification.contract.ts";
import { type VerificationOperation, verificationOperations } from "./verification-operations.ts";

const RETENTION_DAYS = 30;
const garbage = ["not json", '{"success": true}', "<<<<<<< HEAD", "[1]", '{"execution_id": 3}', "\u0000"];

/** Two stores on one folder, and the memory store beside them, live through the same runs and verifications. */
class VerifiedWorlds {
  readonly #clock: Clock = clockAt();
  readonly #folder: string;
  readonly #memory: MemoryRuns;
  readonly #onDisk: JsonlRuns[];
  readonly #root: string;
  #recorded = 0;
  #damaged = 0;
  #isTorn = false;

  constructor(root: string) {
    this.#root = root;
    this.#folder = join(root, ".kaizen", "metrics", REVIEWER);
    this.#memory = createMemoryStore({ now: this.#clock.now, retentionDays: RETENTION_DAYS }).runs;
    this.#onDisk = [this.#open(), this.#open()];
  }

  async perform(operation: VerificationOperation): Promise<void> {
    const store = this.#onDisk["store" in operation ? operation.store : 0] as JsonlRuns;
    if (operation.do === "append") await this.#append(store, operation);
    else if (operation.do === "verify") await this.#verify(store, operation);
    else if (operation.do === "advance") this.#clock.advanceDays(operation.days);
    else if (operation.do === "prune") {
      expect((await store.prune(REVIEWER)).kept).toBe((await this.#memory.prune(REVIEWER)).kept);
    } else if (operation.do === "repair") await this.#repair(store);
    else if (operation.do === "overviewOf") {
      const filter = { success: true };
      const expected = verifiedPart(await this.#memory.overview(REVIEWER, filter));
      expect(verifiedPart(await store.overview(REVIEWER, filter))).toEqual(expected);
    } else if (operation.do === "reopen") {
      await store.close();
      this.#onDisk[operation.store] = this.#open();
    } else if (operation.do === "dropIndex") rmSync(join(this.#folder, ".index"), { recursive: true, force: true });
    else if (operation.do === "tornTail") this.#disturb(undefined);
    else if (operation.do === "garbage") this.#disturb(garbage[operation.text % garbage.length]);
  }

  async compare(): Promise<void> {
    const expected = await this.#memory.overview(REVIEWER);
    for (const store of this.#onDisk) {
      const overview = await store.overview(REVIEWER);
      expect(verifiedPart(overview)).toEqual(verifiedPart(expected));
      expect(comparableOverview(overview)).toEqual({ ...comparableOverview(expected), unreadable: this.#damaged });
    }
  }

  async close(): Promise<void> {
    for (const store of this.#onDisk) await store.close();
  }

  #open(): JsonlRuns {
    return openJsonl(this.#root, { now: this.#clock.now, retentionDays: RETENTION_DAYS }).runs;
  }

  async #append(store: JsonlRuns, given: { ageDays: number; success: boolean; count: number }): Promise<void> {
    const runs = Array.from({ length: given.count }, () => {
      this.#recorded += 1;
      const reported = { success: given.success };
      const timestamp = formatInstant(this.#clock.now() - given.ageDays * DAY_MS);
      return { record: { ...reported, timestamp, id: idOf(this.#recorded) }, reported };
    });
    for (const run of runs) await appendRun(this.#memory, REVIEWER, run);
    await Promise.all(runs.map((run) => appendRun(store, REVIEWER, run)));
  }

  async #verify(store: JsonlRuns, given: Extract<VerificationOperation, { do: "verify" }>): Promise<void> {
    const verification: NewVerification = {
      execution_id: idOf(Math.max(0, this.#recorded - given.back)),
      success: given.success,
      verified_by: given.verifier,
      evidence: "é".repeat(given.evidence),
      timestamp: formatInstant(this.#clock.now()),
      ...(given.unproven ? { via: "cli", unproven: true } : {}),
      ...(given.withdrawn ? { withdrawn: true } : {}),
    };
    const [expected, actual] = [await outcomeOf(this.#memory, verification), await outcomeOf(store, verification)];
    expect(actual).toEqual(expected);
    if (typeof actual !== "string" && this.#isTorn) {
      this.#isTorn = false;
      this.#damaged += 1;
    }
  }

  async #repair(store: JsonlRuns): Promise<void> {
    const torn = this.#isTorn ? 1 : 0;
    if (this.#recorded === 0) return;
    expect((await store.repair(REVIEWER)).quarantined).toBe(this.#damaged + torn);
    this.#isTorn = false;
    this.#damaged = 0;
  }

  /** Puts a line into the file of verifications that is none, or the beginning of one. */
  #disturb(line: string | undefined): void {
    if (!existsSync(this.#folder) || this.#isTorn) return;
    appendFileSync(join(this.#folder, "verifications.jsonl"), line === undefined ? '{"agent": "rev' : `${line}\n`);
    if (line === undefined) this.#isTorn = true;
    else this.#damaged += 1;
  }
}

async function outcomeOf(store: RunStore, verification: NewVerification) {
  try {
    const { run, overview } = await verifyRun(store, REVIEWER, verification);
    return { run, verified: verifiedPart(overview) };
  } catch (error) {
    if (error instanceof Error && "code" in error) return String(error.code);
    throw error;
  }
}

/** A failure prints its seed and path; `KAIZEN_TEST_SEED` and `KAIZEN_TEST_PATH` repeat it, `KAIZEN_TEST_RUNS` looks further. */
const parameters = {
  numRuns: Number(process.env.KAIZEN_TEST_RUNS ?? 25),
  ...(process.env.KAIZEN_TEST_SEED === undefined ? {} : { seed: Number(process.env.KAIZEN_TEST_SEED) }),
  ...(process.env.KAIZEN_TEST_PATH === undefined ? {} : { path: process.env.KAIZEN_TEST_PATH }),
};

test("two stores on one folder say of verifications what the memory store says, after any sequence of operations", {
  timeout: 600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(verificationOperations, async (sequence) => {
      const root = mkdtempSync(join(tmpdir(), "kaizen-checks-"));
      const worlds = new VerifiedWorlds(root);
      try {
        for (const operation of sequence) {
          await worlds.perform(operation);
          await worlds.compare();
        }
      } finally {
        await worlds.close();
        rmSync(root, { recursive: true, force: true });
      }
    }),
    parameters,
  );
});
