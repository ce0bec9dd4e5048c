import type { ExecutionFilter } from "../../domain/run/filter.ts";
import { nothingVerified } from "../../domain/verification/verified-view.ts";
import type { DayOutcomes, VerifiedOverview } from "../store.ts";
import { statusOf } from "./files/file-system.ts";
import { withSideFile } from "./journal/side-file.ts";
import type { AgentContext } from "./projection/agent-context.ts";
import type { LogView } from "./run-view/log-view.ts";
import type { VerificationView } from "./verifications/verification-view.ts";
import type { OpenVerifications } from "./verifications/verified-day.ts";

/** The log and the file of verifications, open, the second one if it is there. */
interface OpenFiles {
  readonly log: number;
  readonly checks: OpenVerifications | undefined;
  readonly damagedFiles: number;
}

/** What one agent's log and its verifications come to, from counters: nothing here costs more with the history. One caller at a time. */
export class AgentFigures {
  readonly #options: AgentContext;
  readonly #log: LogView;
  readonly #verifications: VerificationView;

  constructor(options: AgentContext, log: LogView, verifications: VerificationView) {
    this.#options = options;
    this.#log = log;
    this.#verifications = verifications;
  }

  /** What is live in the log, which has to be there. */
  overview(): Promise<VerifiedOverview> {
    return this.#reading((files, cutoff) => this.#overviewSince(files, cutoff));
  }

  /** What passes a filter; `undefined` if the history has to be read for it. */
  overviewOf({ sinceAt, ...others }: ExecutionFilter): Promise<VerifiedOverview | undefined> {
    const picksOtherwise = sinceAt === undefined || Object.values(others).some((part) => part !== undefined);
    if (picksOtherwise) return Promise.resolve(undefined);
    return this.#reading(async (files, cutoff) => {
      // A run that does not say its time is live for ever, and passes no such filter.
      if (this.#log.hasUndatedRuns(files.log)) return undefined;
      return this.#overviewSince(files, Math.max(cutoff, sinceAt));
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
