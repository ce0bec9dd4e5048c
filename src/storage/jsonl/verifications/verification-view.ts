import { decodeVerification } from "../../../adr004/verification-line.ts";
import type { RecentRun } from "../../../domain/history/history.ts";
import {
  liveVerifiedTallies,
  liveVerifiedTally,
  type VerifiedDay,
  type VerifiedTally,
  viewVerifiedHistory,
  withoutPart,
} from "../../../domain/history/verified-history.ts";
import { hasExpired } from "../../../domain/run/retention.ts";
import { addVerification, type Said } from "../../../domain/verification/verification.ts";
import type { VerifiedView } from "../../../domain/verification/verified-view.ts";
import type { FileSystem } from "../files/file-system.ts";
import { linesBackwards } from "../journal/lines.ts";
import type { ReadingContext } from "../projection/agent-context.ts";
import { Projection } from "../projection/projection.ts";
import type { CountByAge } from "../projection/retention-policy.ts";
import type { LogView } from "../run-view/log-view.ts";
import {
  type VerificationLine,
  type VerifiedState,
  verificationFold,
  verificationSnapshot,
} from "./verification-fold.ts";
import { type OpenVerifications, VerifiedDayTally } from "./verified-day.ts";

/** The verifications of one agent's runs as one process knows them. Reading never writes. One caller at a time. */
export class VerificationView {
  readonly projection: Projection<VerifiedState, VerificationLine, OpenVerifications>;
  readonly #fileSystem: FileSystem;
  readonly #log: LogView;
  readonly #day: VerifiedDayTally;

  constructor(options: ReadingContext, log: LogView) {
    const { fileSystem, files } = options;
    this.#fileSystem = fileSystem;
    this.#log = log;
    this.#day = new VerifiedDayTally(fileSystem, log);
    const fold = verificationFold(fileSystem, log);
    this.projection = new Projection(options, files.verifications, fold, verificationSnapshot(files.index));
  }

  /**
   * What the runs since an instant (ms), or all live ones, were found to be; `recent` are the last of them, whose outcomes
   * are given one by one.
   */
  async view(
    open: OpenVerifications,
    recent: readonly RecentRun[],
    since = open.cutoff,
  ): Promise<{ verified: VerifiedView; damagedLines: number }> {
    await this.catchUp(open);
    if (!this.#knowsAll(open, recent)) {
      // So many runs behind the last ones have expired, or were checked before them, that theirs were dropped.
      this.projection.forget({ andSnapshot: true });
      await this.catchUp(open);
    }
    const { damagedLines, state } = this.projection.current;
    const countDay = (day: VerifiedDay) => this.#day.count({ ...open, cutoff: since }, day);
    return { verified: await viewVerifiedHistory(state.history, recent, since, countDay), damagedLines };
  }

  /** The counters of the checked runs between two instants (ms). */
  async between(open: OpenVerifications, { since, until }: { since: number; until: number }): Promise<VerifiedTally> {
    await this.catchUp(open);
    const { history } = this.projection.current.state;
    const from = (cutoff: number) =>
      liveVerifiedTally(history, cutoff, (day) => this.#day.count({ ...open, cutoff }, day));
    return withoutPart(await from(since), await from(until));
  }

  /** The live runs that were checked, by day number. */
  async days(open: OpenVerifications): Promise<Map<number, VerifiedTally>> {
    await this.catchUp(open);
    const countDay = (day: VerifiedDay) => this.#day.count(open, day);
    return liveVerifiedTallies(this.projection.current.state.history, open.cutoff, countDay);
  }

  /** Reads what has been added, or everything if what was read before does not hold any more. */
  async catchUp(open: OpenVerifications): Promise<void> {
    await this.projection.read(open.verifications, open, { to: open.verificationsEnd });
  }

  /** Whether every one of these runs that was checked is known: those dropped stand before the first of them. */
  #knowsAll(open: OpenVerifications, recent: readonly RecentRun[]): boolean {
    const { forgottenPlace } = this.projection.current.state.history;
    const [first] = recent;
    if (forgottenPlace < 0 || first === undefined) return true;
    return (this.#log.locateById(open.log, first.id)?.place ?? 0) > forgottenPlace;
  }

  /** What is said of a run that is in the log. */
  async saidOf(open: OpenVerifications, id: string): Promise<Said | undefined> {
    await this.catchUp(open);
    const { fingerprint, state } = this.projection.current;
    const { forgottenPlace, latest } = state.history;
    const known = latest.get(id);
    if (known !== undefined || forgottenPlace < 0) return known;
    const place = this.#log.locateById(open.log, id)?.place ?? Number.POSITIVE_INFINITY;
    if (place > forgottenPlace) return undefined;
    for await (const { bytes } of linesBackwards(this.#fileSystem, open.verifications, fingerprint.offset)) {
      const verification = decodeVerification(bytes);
      if (verification !== undefined && verification !== "blank" && verification.execution_id === id) {
        return addVerification(undefined, verification);
      }
    }
    return undefined;
  }

  /** The verifications by the age of their runs, as far as it is known. */
  countByAge(cutoff: number): CountByAge {
    const { fingerprint, state } = this.projection.current;
    // Of those that had expired at a later cutoff when they were read nothing is known.
    let expiredRuns = state.expiredCutoff <= cutoff ? state.expiredLines : 0;
    for (const day of state.history.days.values())
      if (hasExpired(day.latestAt, cutoff)) expiredRuns += day.verifications;
    return { sizeBytes: fingerprint.offset, expiredRuns, liveRuns: state.lines - expiredRuns };
  }
}
