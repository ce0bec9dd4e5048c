import type { ExecutionFilter } from "../../domain/run/filter.ts";
import { foldVerifications, type Verification, verifiedOutcome } from "../../domain/verification/verification.ts";
import { nothingVerified } from "../../domain/verification/verified-view.ts";
import type { DayOutcomes, VerifiedOverview } from "../store.ts";
import { statusOf } from "./files/file-system.ts";
import { withSideFile } from "./journal/side-file.ts";
import type { AgentContext } from "./projection/agent-context.ts";
import type { LogView } from "./run-view/log-view.ts";
import { readWindows } from "./run-view/windows.ts";
import type { VerificationPlaces } from "./verifications/verification-places.ts";
import type { VerificationView } from "./verifications/verification-view.ts";
import type { OpenVerifications } from "./verifications/verified-day.ts";

/** The log and the file of verifications, open, the second one if it is there. */
interface OpenFiles {
  readonly log: number;
  readonly checks: OpenVerifications | undefined;
  readonly damagedFiles: number;
}

interface Span {
  /** Instants in ms; `until` is no part of it. */
  readonly since: number;
  readonly until: number;
}

/** What one agent's log and its verifications come to, from counters: nothing here costs more with the history. One caller at a time. */
export class AgentFigures {
  readonly #options: AgentContext;
  readonly #log: LogView;
  readonly #verifications: VerificationView;
  readonly #places: VerificationPlaces;

  constructor(options: AgentContext, log: LogView, verifications: VerificationView, places: VerificationPlaces) {
    this.#options = options;
    this.#log = log;
    this.#verifications = verifications;
    this.#places = places;
  }

  /** What is live in the log, which has to be there. */
  overview(): Promise<VerifiedOverview> {
    return this.#reading((files, cutoff) => this.#overviewSince(files, cutoff));
  }

  /** What passes a filter; `undefined` if the history has to be read for it. */
  overviewOf({ sinceAt, untilAt, ...others }: ExecutionFilter): Promise<VerifiedOverview | undefined> {
    const picksByTime = sinceAt !== undefined || untilAt !== undefined;
    if (!picksByTime || Object.values(others).some((part) => part !== undefined)) return Promise.resolve(undefined);
    return this.#reading(async (files, cutoff) => {
      // A run that does not say its time is live for ever, and passes no such filter.
      if (this.#log.hasUndatedRuns(files.log)) return undefined;
      const since = Math.max(cutoff, sinceAt ?? cutoff);
      return untilAt === undefined
        ? this.#overviewSince(files, since)
        : this.#overviewBetween(files, { since, until: Math.max(since, untilAt) });
    });
  }

  async days(): Promise<DayOutcomes[]> {
    return this.#reading(async ({ checks, log }, cutoff) => {
      const runs = await this.#log.days(log, cutoff);
      const checked = checks === undefined ? undefined : await this.#verifications.days(checks);
      const days = [...runs].map(([day, { runs: all, successes }]): DayOutcomes => {
        const found = checked?.get(day) ?? { runs: 0, successes: 0, claimedSuccesses: 0 };
        return {
          day,
          runs: all,
          successes: successes - found.claimedSuccesses + found.successes,
          verified: found.runs,
        };
      });
      return days.sort((a, b) => a.day - b.day);
    });
  }

  async #overviewSince({ checks, damagedFiles, log }: OpenFiles, since: number): Promise<VerifiedOverview> {
    const view = await this.#log.live(log, since);
    const unreadable = this.#log.damagedLines + damagedFiles;
    if (checks === undefined) return { view, unreadable, verified: nothingVerified };
    const found = await this.#verifications.view(checks, view.recent, since);
    return { view, unreadable: unreadable + found.damagedLines, verified: found.verified };
  }

  async #overviewBetween({ checks, damagedFiles, log }: OpenFiles, span: Span): Promise<VerifiedOverview> {
    const { since, until } = span;
    const snapshot = this.#log.snapshot(log, since);
    const view = await readWindows(snapshot, { untilAt: until }, await this.#log.between(log, span));
    const unreadable = this.#log.damagedLines + damagedFiles;
    if (checks === undefined) return { view, unreadable, verified: nothingVerified };
    const { claimedSuccesses, contradictions, runs, successes, unproven } = await this.#verifications.between(
      checks,
      span,
    );
    const outcomes = outcomesIn(
      await this.#places.ofRuns(
        checks.verifications,
        view.recent.map(({ id }) => ({ id })),
      ),
    );
    const verified = { verified: { runs, successes }, claimedSuccesses, contradictions, unproven, outcomes };
    return { view, unreadable: unreadable + this.#verifications.projection.current.damagedLines, verified };
  }

  #reading<T>(ask: (files: OpenFiles, cutoff: number) => Promise<T>): Promise<T> {
    const { fileSystem, files } = this.#options;
    const cutoff = this.#options.cutoff();
    return withSideFile(fileSystem, files.verifications, (verifications, damagedFiles) => {
      // Before the log is read on: the run of each verification up to here is found in it then.
      const verificationsEnd = verifications === undefined ? 0 : statusOf(fileSystem, verifications).size;
      return this.#log.reading((log) => {
        const checks = verifications === undefined ? undefined : { log, verifications, verificationsEnd, cutoff };
        return ask({ log, checks, damagedFiles }, cutoff);
      });
    });
  }
}

/** What verifications found of runs that have any that counts. */
function outcomesIn(found: ReadonlyMap<string, readonly Verification[]>): Map<string, boolean> {
  const outcomes = [...found].flatMap(([id, verifications]): [string, boolean][] => {
    const [said] = foldVerifications(verifications).values();
    const outcome = said === undefined ? undefined : verifiedOutcome(said);
    return outcome === undefined ? [] : [[id, outcome]];
  });
  return new Map(outcomes);
}
