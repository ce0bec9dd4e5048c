import {
  type HistoryView,
  hasUndatedRuns,
  liveTallies,
  liveTally,
  type RecentRun,
  viewHistory,
} from "../../../domain/history/history.ts";
import { subtractTally, type Tally } from "../../../domain/history/tally.ts";
import {
  liveVerifiedTallies,
  liveVerifiedTally,
  viewVerifiedHistory,
  withoutPart,
} from "../../../domain/history/verified-history.ts";
import { WindowsReadBack } from "../../../domain/history/windows-read-back.ts";
import type { ExecutionFilter } from "../../../domain/run/filter.ts";
import { addVerification, verifiedOutcome } from "../../../domain/verification/verification.ts";
import type { DayOutcomes, VerifiedOverview } from "../../store.ts";
import type { Database } from "../server/database.ts";
import { BoundaryDays } from "./boundary.ts";
import type { FoldedRuns } from "./fold.ts";
import type { RunReader } from "./reading.ts";

interface Span {
  /** Instants in ms; `until` is no part of it. */
  readonly since: number;
  readonly until: number;
}

/** What one agent's runs and their verifications come to, from counters: nothing here costs more with the history. */
export class RunFigures {
  readonly #days: BoundaryDays;
  readonly #reader: RunReader;

  constructor(database: Database, agentId: string, reader: RunReader) {
    this.#days = new BoundaryDays(database, agentId);
    this.#reader = reader;
  }

  /** What has not expired at a cutoff (ms). */
  async overviewSince(folded: FoldedRuns, since: number): Promise<VerifiedOverview> {
    const counted = await viewHistory(folded.history, since, (day) => this.#days.count(day, since));
    const view = counted ?? (await this.#between(folded, { since, until: Number.POSITIVE_INFINITY }));
    const seen = await viewVerifiedHistory(folded.verified, view.recent, since, (day) =>
      this.#days.countChecked(day, since),
    );
    const outcomes = await this.#outcomesOf(folded, view.recent, seen.outcomes);
    return { view, unreadable: folded.unreadable, verified: { ...seen, outcomes } };
  }

  /** What passes a filter; `undefined` if the history has to be read for it. */
  async overviewOf(
    folded: FoldedRuns,
    { sinceAt, untilAt, ...others }: ExecutionFilter,
    cutoff: number,
  ): Promise<VerifiedOverview | undefined> {
    const picksByTime = sinceAt !== undefined || untilAt !== undefined;
    if (!picksByTime || Object.values(others).some((part) => part !== undefined)) return undefined;
    // A run that does not say its time is live for ever, and passes no such filter.
    if (hasUndatedRuns(folded.history)) return undefined;
    const since = Math.max(cutoff, sinceAt ?? cutoff);
    if (untilAt === undefined) return this.overviewSince(folded, since);
    const span = { since, until: Math.max(since, untilAt) };
    const view = await this.#between(folded, span);
    const from = (at: number) => liveVerifiedTally(folded.verified, at, (day) => this.#days.countChecked(day, at));
    const { runs, successes, ...seen } = withoutPart(await from(span.since), await from(span.until));
    const outcomes = await this.#readOutcomes(view.recent.map(({ id }) => id));
    return { view, unreadable: folded.unreadable, verified: { ...seen, verified: { runs, successes }, outcomes } };
  }

  async days(folded: FoldedRuns, cutoff: number): Promise<DayOutcomes[]> {
    const runs = await liveTallies(folded.history, cutoff, async (day) => ({
      ...(await this.#days.count(day, cutoff)),
    }));
    const checked = await liveVerifiedTallies(folded.verified, cutoff, (day) => this.#days.countChecked(day, cutoff));
    const days = [...runs].flatMap(([day, { runs: all, successes }]): DayOutcomes[] => {
      if (all === 0) return [];
      const found = checked.get(day) ?? { runs: 0, successes: 0, claimedSuccesses: 0 };
      return [
        { day, runs: all, successes: successes - found.claimedSuccesses + found.successes, verified: found.runs },
      ];
    });
    return days.sort((a, b) => a.day - b.day);
  }

  /** The runs of a span, with the last of them read back: no further than the windows are wide. */
  async #between({ history }: FoldedRuns, span: Span): Promise<HistoryView> {
    const from = (cutoff: number) => liveTally(history, cutoff, (day) => this.#days.count(day, cutoff));
    const tally =
      span.until === Number.POSITIVE_INFINITY
        ? await from(span.since)
        : subtractTally(await from(span.since), await from(span.until));
    return this.#readWindows(tally, span);
  }

  async #readWindows(tally: Tally, { since, until }: Span): Promise<HistoryView> {
    const windows = new WindowsReadBack(tally);
    const filter = until === Number.POSITIVE_INFINITY ? {} : { untilAt: until };
    for await (const runs of windows.isComplete ? [] : this.#reader.backwards({ cutoff: since, filter })) {
      for (const { execution } of runs) windows.take(execution);
      if (windows.isComplete) break;
    }
    return windows.view();
  }

  /** The outcomes of the last runs, also of those that are no longer known one by one: they stand before a place. */
  async #outcomesOf(
    { places, verified: { forgottenPlace, latest } }: FoldedRuns,
    recent: readonly RecentRun[],
    known: ReadonlyMap<string, boolean>,
  ): Promise<ReadonlyMap<string, boolean>> {
    const ids = forgottenPlace < 0 ? [] : recent.flatMap(({ id }) => (latest.has(id) ? [] : id));
    if (ids.some((id) => !places.has(id)))
      for (const [id, seq] of await this.#reader.placesOf(ids)) places.set(id, seq);
    const forgotten = ids.filter((id) => (places.get(id) ?? 0) <= forgottenPlace);
    return forgotten.length === 0 ? known : new Map([...known, ...(await this.#readOutcomes(forgotten))]);
  }

  async #readOutcomes(ids: readonly string[]): Promise<Map<string, boolean>> {
    const outcomes = new Map<string, boolean>();
    for (const [id, verification] of await this.#reader.lastVerifications(ids)) {
      const outcome = verifiedOutcome(addVerification(undefined, verification));
      if (outcome !== undefined) outcomes.set(id, outcome);
    }
    return outcomes;
  }
}
