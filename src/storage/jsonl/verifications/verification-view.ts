import { decodeCheck, isExpiredCheck, NO_CHECK } from "../../../adr004/verification-line.ts";
import type { RecentRun } from "../../../domain/figures/history.ts";
import {
  addCheckedRun,
  forgetFirst,
  type VerifiedDay,
  viewVerifiedHistory,
} from "../../../domain/figures/verified-history.ts";
import { idIdentity } from "../../../domain/run/execution.ts";
import { hasExpired } from "../../../domain/run/retention.ts";
import {
  addVerification,
  type Checks,
  type Verification,
  type VerifiedView,
} from "../../../domain/verification/verification.ts";
import type { OnNotice } from "../../notice.ts";
import type { FileSystem } from "../files/file-system.ts";
import type { AgentFiles } from "../files/layout.ts";
import { noteDamage } from "../journal/damage-notes.ts";
import { hasOnlyGrown, markAt } from "../journal/fingerprint.ts";
import { forEachLine, linesBackwards } from "../journal/lines.ts";
import { isPruningDue } from "../journal/retention-policy.ts";
import type { SnapshotKey } from "../journal/sealed-file.ts";
import type { LogView, LogViewOptions } from "../runs/log-view.ts";
import { type CoveredChecks, loadChecks, nothingChecked, saveChecks } from "./verification-checkpoint.ts";
import { CheckedDay, type OpenChecks, placeCheck } from "./verified-day.ts";

/** So much may be added to the file before a new checkpoint is written: what a start has to read. */
const CHECKPOINT_BYTES = 128 * 1024;

/**
 * The checks of one agent's runs as one process knows them. A check counts only if its run is in the log, and the log is
 * believed as to what the run claimed and when it ended. Reading never writes. One caller at a time.
 */
export class CheckView {
  readonly #fileSystem: FileSystem;
  readonly #files: AgentFiles;
  readonly #key: SnapshotKey | undefined;
  readonly #onNotice: OnNotice;
  readonly #log: LogView;
  readonly #day: CheckedDay;
  #covered: CoveredChecks | undefined;

  constructor(options: LogViewOptions, log: LogView) {
    this.#fileSystem = options.fileSystem;
    this.#files = options.files;
    this.#key = options.snapshotKey;
    this.#onNotice = options.onNotice;
    this.#log = log;
    this.#day = new CheckedDay(options.fileSystem, log);
  }

  /** What the live runs were found to be; `recent` are the last of them, whose outcomes are given one by one. */
  async view(
    open: OpenChecks,
    recent: readonly RecentRun[],
  ): Promise<{ verified: VerifiedView; damagedLines: number }> {
    await this.catchUp(open);
    if (!this.#knowsAll(open, recent)) {
      // So many runs behind the last ones have expired, or were checked before them, that theirs were dropped.
      this.#covered = undefined;
      await this.#catchUp(open, nothingChecked());
    }
    const { history, damagedLines } = this.#caughtUp();
    const countDay = (day: VerifiedDay) => this.#day.count(open, day);
    return { verified: await viewVerifiedHistory(history, recent, open.cutoff, countDay), damagedLines };
  }

  /** Reads what has been added, or everything where what was read before does not hold any more. */
  async catchUp(open: OpenChecks): Promise<void> {
    const covered = this.#covered;
    this.#covered = undefined;
    if (covered !== undefined && this.#holds(covered, open)) return this.#catchUp(open, covered);
    this.#day.forget();
    const saved = loadChecks(this.#fileSystem, this.#files.index, this.#key);
    await this.#catchUp(open, saved !== undefined && this.#holds(saved, open) ? saved : nothingChecked());
  }

  async #catchUp(open: OpenChecks, covered: CoveredChecks): Promise<void> {
    const { history } = covered;
    const to = Math.max(covered.checks.offset, open.checksEnd);
    const end = await forEachLine(
      this.#fileSystem,
      open.checks,
      { from: covered.checks.offset, to },
      (bytes, start) => {
        const check = decodeCheck(bytes);
        if (check === "blank") return;
        if (check === undefined)
          noteDamage(covered, { path: this.#files.verifications, start, reason: NO_CHECK }, this.#onNotice);
        else this.#add(covered, open, { check, start });
      },
    );
    // Only now: while a file is read from its start every run of it is known, so that no check is counted twice.
    forgetFirst(history);
    if (end > covered.checks.offset || covered.checks.file === "") {
      covered.checks = markAt(this.#fileSystem, open.checks, end);
      covered.log = this.#log.mark;
    }
    this.#covered = covered;
  }

  #add(covered: CoveredChecks, open: OpenChecks, { check, start }: { check: Verification; start: number }): void {
    const { history } = covered;
    const known = history.latest.get(check.execution_id);
    covered.lines += 1;
    if (isExpiredCheck(check, open.cutoff)) covered.expiredLines += 1;
    const after = placeCheck(this.#log, open.log, known, check);
    if (after === undefined || hasExpired(after.at, open.cutoff)) {
      // Of a run that the log does not have nobody can say whether it has expired there.
      covered.expiredCutoff = Math.max(covered.expiredCutoff, open.cutoff);
      return;
    }
    // A run that was dropped was counted, as its check says; any other that is not known was not.
    const dropped = after.place <= history.forgottenPlace && hasChecks(check.earlier);
    const before = known ?? (dropped ? { ...after, checks: check.earlier ?? {} } : undefined);
    addCheckedRun(history, { before, after }, start);
  }

  #holds(covered: CoveredChecks, open: OpenChecks): boolean {
    return (
      covered.expiredCutoff <= open.cutoff &&
      hasOnlyGrown(this.#fileSystem, open.checks, covered.checks) &&
      hasOnlyGrown(this.#fileSystem, open.log, covered.log)
    );
  }

  /** Whether every one of these runs that was checked is known: those dropped stand before the first of them. */
  #knowsAll(open: OpenChecks, recent: readonly RecentRun[]): boolean {
    const { forgottenPlace } = this.#caughtUp().history;
    const id = forgottenPlace < 0 ? undefined : recent.find((run) => run.id !== undefined)?.id;
    if (id === undefined) return true;
    return (this.#log.locate(open.log, idIdentity(id))?.place ?? 0) > forgottenPlace;
  }

  /** What counts of the checks of a run that is in the log. */
  async checksOf(open: OpenChecks, id: string): Promise<Checks | undefined> {
    await this.catchUp(open);
    const { history, checks } = this.#caughtUp();
    const known = history.latest.get(id);
    if (known !== undefined || history.forgottenPlace < 0) return known?.checks;
    const place = this.#log.locate(open.log, idIdentity(id))?.place ?? Number.POSITIVE_INFINITY;
    if (place > history.forgottenPlace) return undefined;
    for await (const { bytes } of linesBackwards(this.#fileSystem, open.checks, checks.offset)) {
      const check = decodeCheck(bytes);
      if (check !== undefined && check !== "blank" && check.execution_id === id) {
        return addVerification(undefined, check).checks;
      }
    }
    return undefined;
  }

  /** Whether the checks of expired runs should leave the file: by the rule for the log itself. */
  isPruningDue(cutoff: number): boolean {
    const { checks, lines, expiredLines, expiredCutoff, history } = this.#caughtUp();
    // Of those that had expired at a later cutoff when they were read nobody knows.
    let expired = expiredCutoff <= cutoff ? expiredLines : 0;
    for (const day of history.days.values()) if (hasExpired(day.latestAt, cutoff)) expired += day.checks;
    return isPruningDue({ sizeBytes: checks.offset, expiredRuns: expired, liveRuns: lines - expired });
  }

  /** Whether so much was read since the last checkpoint that a new one is due. */
  get isCheckpointDue(): boolean {
    const { checks, checkpointed } = this.#caughtUp();
    return checks.offset - checkpointed >= CHECKPOINT_BYTES;
  }

  /** Writes what was learnt beside the log. The caller holds the lock, and has made the folder. */
  saveCheckpoint(): void {
    const covered = this.#caughtUp();
    saveChecks(this.#fileSystem, this.#files.index, covered, this.#key);
    covered.checkpointed = covered.checks.offset;
  }

  #caughtUp(): CoveredChecks {
    if (this.#covered === undefined) throw new Error("catchUp comes before any question");
    return this.#covered;
  }
}

function hasChecks(checks: Checks | undefined): boolean {
  return Object.keys(checks ?? {}).length > 0;
}
