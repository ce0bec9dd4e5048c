import { meanOf } from "../../src/domain/history/tally.ts";
import type { AgentName } from "../../src/domain/run/agent-name.ts";
import type { ExecutionFilter } from "../../src/domain/run/filter.ts";
import type { Overview, RunStore } from "../../src/storage/store.ts";
import { scanRuns } from "../support/single-calls.ts";

/**
 * What two stores must agree on. Ordinals count every run that was ever added, which a store that forgets expired runs
 * sooner cannot know; exact sums may be split in different ways. Both are left out, their meaning is not.
 */
export function comparableOverview({ view, unreadable }: Overview) {
  const { tally } = view;
  return {
    unreadable,
    runs: tally.runs,
    successes: tally.successes,
    quality: [tally.quality.count, meanOf(tally.quality)],
    time: [tally.time.count, meanOf(tally.time)],
    recent: view.recent.map(({ ordinal: _, ...run }) => run),
    recentQuality: view.recentQuality,
    failures: view.failures.map(({ ordinal: _, ...failure }) => failure),
    ordinalsAscend: [view.recent, view.failures].every((list) =>
      list.every(({ ordinal }, index) => index === 0 || ordinal > (list[index - 1]?.ordinal ?? 0)),
    ),
  };
}

/** Everything that a store answers about an agent, by walking its pages and asking for each run on them. */
export async function everythingAbout(
  runs: RunStore,
  agent: AgentName,
  question: { filter: ExecutionFilter; limit: number },
) {
  const records: unknown[] = [];
  let cursor: string | undefined;
  do {
    const page = await runs.page(agent, { ...question, cursor });
    // Each of them that has a key is found by it, too, which goes another way to the same line.
    const found = await runs.lookUp(
      agent,
      page.executions.flatMap(({ key }) => key ?? []),
    );
    for (const { key, record } of page.executions) {
      records.push(record, key === undefined ? record : found.get(key)?.execution.record);
    }
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  const walked: unknown[] = [];
  for (const { execution, text } of await scanRuns(runs, agent, question.filter)) {
    walked.push(execution.record, JSON.parse(text));
  }
  return { records, walked, overview: comparableOverview(await runs.overview(agent, question.filter)) };
}
