import { createHash } from "node:crypto";
import type { SinceThen } from "../../src/domain/coaching/since-then.ts";
import type { Stats } from "../../src/domain/figures/stats.ts";
import { Kaizen } from "../../src/kaizen/kaizen.ts";
import { createJsonlStore } from "../../src/storage/jsonl/store.ts";
import type { Store } from "../../src/storage/store.ts";
import { type DemoReport, eveningAnalysis, firstDay, secondDay, TEST_WRITER } from "../demo/day.ts";
import { createMemoryStore } from "../oracle/memory.ts";

export const NOW = Date.parse("2026-11-22T10:00:00Z");
const HOUR_MS = 3_600_000;

/** What the test writer of the demo is told: after the first day, and after the second. */
export interface DemoFigures {
  readonly evening: Stats;
  readonly sinceThen: SinceThen | undefined;
  readonly brief: string;
}

export async function demoFigures(): Promise<DemoFigures> {
  const kaizen = kaizenOver(createMemoryStore({ now: () => NOW, retentionDays: 180 }));
  const evening = await playDemo(kaizen);
  const [recommendation] = await kaizen.recommendations(TEST_WRITER);
  return { evening, sinceThen: recommendation?.sinceThen, brief: await kaizen.brief(TEST_WRITER, "short") };
}

/** Leaves in a folder what the demo leaves in its own. */
export async function writeDemoProject(root: string): Promise<void> {
  const store = createJsonlStore({ projectRoot: root, now: () => NOW, retentionDays: 180, onNotice: () => {} });
  const kaizen = kaizenOver(store);
  await playDemo(kaizen);
  await kaizen.close();
}

export function kaizenOver(store: Store, now = () => NOW): Kaizen {
  let ids = 0;
  const randomHex = () => createHash("sha256").update(String(ids++)).digest("hex").slice(0, 20);
  return new Kaizen({ store, now, randomHex, retentionDays: 180 });
}

/**
 * Plays what the demo plays, with a clock and ids that are set; gives the test writer's figures of the first evening.
 * A clock that is given stands at that evening for the advice, as it does for people who have two days.
 */
export async function playDemo(kaizen: Kaizen, clock = { at: NOW }): Promise<Stats> {
  const reports = firstDay(NOW);
  await play(kaizen, reports);
  clock.at = Date.parse(reports.at(-1)?.run.timestamp ?? "") + HOUR_MS;
  const { stats: evening } = await kaizen.summary(TEST_WRITER);
  const { recommendation_ids: advised } = await kaizen.writeAnalysis(eveningAnalysis);
  await kaizen.updateRecommendation({ id: advised[0] ?? "", status: "adopted" });
  clock.at = NOW;
  await play(kaizen, secondDay(NOW));
  return evening;
}

async function play(kaizen: Kaizen, reports: readonly DemoReport[]): Promise<void> {
  for (const { run, verification } of reports) {
    const { id } = await kaizen.record(run);
    if (verification === undefined) continue;
    await kaizen.verify({ agent: run.agent, execution_id: id ?? "", verified_by: "ci", ...verification });
  }
}
