import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { formatInstant } from "../../src/domain/run/time.ts";
import type { Moving, Store } from "../../src/storage/store.ts";
import { idOf } from "../support/histories.ts";
import { agentNamed, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun, verifyRun } from "../support/single-calls.ts";
import { scenarioClock } from "./scenarios.ts";
import { metrics, open, type SideScenario } from "./side-scenario.ts";
import { prepareVoided, voidingOf } from "./voiding-scenarios.ts";

const WRITER = agentNamed("writer");
const timestamp = formatInstant(scenarioClock.now());

function movingOf({ moving }: Store): Moving {
  if (moving === undefined) throw new Error("the store in files can move agents");
  return moving;
}

/** An agent with two runs, one voided, and advice; with `both`, another one that has a run. */
async function prepare(root: string, both: boolean): Promise<void> {
  await prepareVoided(root);
  const { advice, runs } = open(root);
  const entry = (agent: string, id: string) => {
    return { timestamp, agent, metrics_count: 1, recommendations: [{ id, title: "t" }] };
  };
  const event = (id: string) => {
    return { id, change: "proposed", timestamp, execution_count: 1, after_execution: null } as const;
  };
  const entries = [entry(REVIEWER, "rec_1"), entry("other", "rec_2")];
  await advice.merge({ entries, events: [event("rec_1"), event("rec_2")] });
  if (both) {
    await appendRun(runs, WRITER, runMaker(scenarioClock, 20)({ agent: "writer" }));
    await verifyRun(runs, WRITER, { execution_id: idOf(21), success: true, verified_by: "ci", timestamp });
  }
  await runs.close();
}

/** Finishes what was begun, as a person would have it finished, and gives whose runs are whose. */
async function finished(root: string) {
  const store = open(root);
  const { findings = [] } = (await store.files?.examine(() => {})) ?? {};
  // What else there is to be found disturbs nothing, and its repair waits for late writers.
  const begun = findings.filter(({ file }) => file.endsWith("/moving.json"));
  expect(await store.files?.repair(begun, () => {})).toEqual([]);
  const damage = async () =>
    ((await store.files?.examine(() => {}))?.findings ?? []).filter(({ kind }) => kind === "damage");
  // What the death itself has torn is whole where it came from, and set aside like any torn line.
  const torn = await damage();
  for (const { reason } of torn) expect(reason).toMatch(/torn|^it is not|^it is no /);
  if (torn.length > 0) expect(await store.files?.repair(torn, () => {})).toEqual([]);
  expect(await damage()).toEqual([]);
  expect(existsSync(join(metrics(root), ".locks", "moving.json"))).toBe(false);
  const countsOf = async (agent: typeof WRITER) => [
    (await store.runs.overview(agent)).view.tally.runs,
    (await store.runs.overview(agent)).verified.verified.runs,
    (await voidingOf(store).voidedRuns(agent)).length,
  ];
  const { entries, events } = await store.advice.readAdvice();
  const found = {
    reviewer: await countsOf(REVIEWER),
    writer: await countsOf(WRITER),
    advised: entries.map(({ agent }) => agent),
    events: events.length,
  };
  await store.runs.close();
  return found;
}

function textOf(root: string, agent: string): string {
  const folder = join(metrics(root), agent);
  const names = readdirSync(folder).filter((name) => name.endsWith(".jsonl") || name === "summary.json");
  return names.map((name) => readFileSync(join(folder, name), "utf8")).join("");
}

const gone = [0, 0, 0];

function scenario(both: boolean, perform: SideScenario["perform"], done: object, undone: object): SideScenario {
  return {
    prepare: (root) => prepare(root, both),
    perform,
    async examine(root, hasAnswered) {
      const found = await finished(root);
      expect(hasAnswered ? [done] : [done, undone]).toContainEqual(found);
      const isMoved = JSON.stringify(found) === JSON.stringify(done);
      expect(existsSync(join(metrics(root), REVIEWER))).toBe(!isMoved);
      if (isMoved && found.writer[2] === 1) expect(textOf(root, WRITER)).not.toMatch(/^\{"agent": "reviewer"/m);
    },
  };
}

const advised = { advised: [REVIEWER, "other"], events: 2 };

export const movingOperations = {
  "renaming an agent": scenario(
    false,
    (store) => movingOf(store).move(REVIEWER, WRITER),
    { reviewer: gone, writer: [2, 1, 1], advised: [WRITER, "other"], events: 2 },
    { reviewer: [2, 1, 1], writer: gone, ...advised },
  ),
  "merging two agents": scenario(
    true,
    (store) => movingOf(store).move(REVIEWER, WRITER),
    { reviewer: gone, writer: [3, 2, 1], advised: [WRITER, "other"], events: 2 },
    { reviewer: [2, 1, 1], writer: [1, 1, 0], ...advised },
  ),
  "removing an agent": scenario(
    true,
    (store) => movingOf(store).remove(REVIEWER),
    { reviewer: gone, writer: [1, 1, 0], advised: ["other"], events: 1 },
    { reviewer: [2, 1, 1], writer: [1, 1, 0], ...advised },
  ),
} satisfies Record<string, SideScenario>;
