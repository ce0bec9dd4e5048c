import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { formatInstant } from "../../src/domain/run/time.ts";
import type { NewVoiding, Store, Voiding } from "../../src/storage/store.ts";
import { idOf } from "../support/histories.ts";
import { REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun, verifyRun } from "../support/single-calls.ts";
import { scenarioClock } from "./scenarios.ts";
import { expectNothingUnderWay, metrics, open, type SideScenario } from "./side-scenario.ts";

const timestamp = formatInstant(scenarioClock.now());

export function voidingOf(store: Store): Voiding {
  if (store.voiding === undefined) throw new Error("the store in files can void");
  return store.voiding;
}

export function voidOf(ordinal: number): NewVoiding {
  return { id: idOf(ordinal), by: "human", reason: "a typo", timestamp };
}

/** Three runs, the second of which was checked, seen, and is known. */
export async function prepareRuns(root: string): Promise<void> {
  const { evidence, lifecycle, runs } = open(root);
  const makeRun = runMaker(scenarioClock);
  await appendRun(runs, REVIEWER, makeRun());
  await appendRun(runs, REVIEWER, makeRun({ idempotency_key: "k", notes: "é" }));
  await appendRun(runs, REVIEWER, makeRun());
  for (const ordinal of [1, 2]) {
    await verifyRun(runs, REVIEWER, { execution_id: idOf(ordinal), success: true, verified_by: "ci", timestamp });
  }
  await lifecycle.observe(REVIEWER, { key: "k", event: "started", timestamp });
  await evidence.note(REVIEWER, { key: "k", timestamp, tools: 3 });
  await runs.close();
}

export async function prepareVoided(root: string): Promise<void> {
  await prepareRuns(root);
  const store = open(root);
  await voidingOf(store).voidRun(REVIEWER, voidOf(2));
  await store.runs.close();
}

export function textsIn(root: string): string[] {
  const names = ["executions.jsonl", "verifications.jsonl", "lifecycle.jsonl", "evidence.jsonl", "voided.jsonl"];
  return names.map((name) => readFileSync(join(metrics(root), REVIEWER, name), "utf8"));
}

/** The second run counts or is voided, and never both or neither; with it what is known of it. Gives which. */
async function expectOneOfTwo(root: string): Promise<"counts" | "voided"> {
  const store = open(root);
  const { verified, view } = await store.runs.overview(REVIEWER);
  const voided = (await voidingOf(store).voidedRuns(REVIEWER)).map(({ id }) => id);
  const isVoided = voided.length === 1;
  expect([view.tally.runs, verified.verified.runs, voided]).toEqual(isVoided ? [2, 1, [idOf(2)]] : [3, 2, []]);
  // Whichever it is, it can be changed, and changed back, to the last byte.
  const voiding = voidingOf(store);
  if (!isVoided) await voiding.voidRun(REVIEWER, voidOf(2));
  const counted = async () => [
    (await store.runs.overview(REVIEWER)).verified.verified.runs,
    (await store.lifecycle.overview(REVIEWER))?.seen.started,
    (await store.evidence.overview(REVIEWER))?.seen.totals.runs,
  ];
  if (isVoided) await store.retention?.prune(REVIEWER);
  expect(await counted()).toEqual([1, 0, 0]);
  await voiding.undo(REVIEWER, idOf(2));
  expect(await counted()).toEqual([2, 1, 1]);
  const ids = (await store.runs.page(REVIEWER, { filter: {}, limit: 9 })).executions.map(({ id }) => id);
  expect(ids).toEqual([3, 2, 1].map(idOf));
  const { duplicate } = await appendRun(store.runs, REVIEWER, {
    ...runMaker(scenarioClock, 50)({ idempotency_key: "k", notes: "é" }),
  });
  expect(duplicate).toBe(true);
  expectNothingUnderWay(root);
  await store.runs.close();
  return isVoided ? "voided" : "counts";
}

export const voidingOperations = {
  "voiding a run": {
    prepare: prepareRuns,
    perform: (store) => voidingOf(store).voidRun(REVIEWER, voidOf(2)),
    async examine(root, hasAnswered) {
      expect(hasAnswered ? ["voided"] : ["voided", "counts"]).toContain(await expectOneOfTwo(root));
    },
  },
  "undoing it": {
    prepare: prepareVoided,
    perform: (store) => voidingOf(store).undo(REVIEWER, idOf(2)),
    async examine(root, hasAnswered) {
      expect(hasAnswered ? ["counts"] : ["voided", "counts"]).toContain(await expectOneOfTwo(root));
    },
  },
} satisfies Record<string, SideScenario>;
