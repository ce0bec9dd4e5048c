import { decodeVerification, isExpiredVerification, NO_VERIFICATION } from "../../../adr004/verification-line.ts";
import type { RecentRun } from "../../../domain/figures/history.ts";
import {
  addVerifiedRun,
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
import {
  type CoveredVerifications,
  loadVerifications,
  nothingVerifiedYet,
  saveVerifications,
} from "./verification-checkpoint.ts";
import { type OpenVerifications, placeVerification, VerifiedDayTally } from "./verified-day.ts";

/** So much may be added to the file before a new checkpoint is written: what a start has to read. */
const CHECKPOINT_BYTES = 128 * 1024;

/**
 * The verifications of one agent's runs as one process knows them. A verification counts only if its run is in the log, and the log is
 * believed as to what the run claimed and when it ended. Reading never writes. One caller at a time.
 */
export class VerificationView {
  readonly #fileSystem: FileSystem;
  readonly #files: AgentFiles;
  readonly #key: SnapshotKey | undefined;
  readonly #onNotice: OnNotice;
  readonly #log: LogView;
  readonly #day: VerifiedDayTally;
  #covered: CoveredVerifications | undefined;

  constructor(options: LogViewOptions, log: LogView) {
    this.#fileSystem = options.fileSystem;
    this.#files = options.files;
    this.#key = options.snapshotKey;
    this.#onNotice = options.onNotice;
    this.#log = log;
    this.#day = new VerifiedDayTally(options.fileSystem, log);
  }

  /** What the live runs were found to be; `recent` are the last of them, whose outcomes are given one by one. */
  async view(
    open: OpenVerifications,
    recent: readonly RecentRun[],
  ): Promise<{ verified: VerifiedView; damagedLines: number }> {
    await this.catchUp(open);
    if (!this.#knowsAll(open, recent)) {
      // So many runs behind the last ones have expired, or were checked before them, that theirs were dropped.
      this.#covered = undefined;
      await this.#catchUp(open, nothingVerifiedYet());
    }
    const { history, damagedLines } = this.#caughtUp();
    const countDay = (day: VerifiedDay) => this.#day.count(open, day);
    return { verified: await viewVerifiedHistory(history, recent, open.cutoff, countDay), damagedLines };
  }

  /** Reads what has been added, or everything where what was read before does not hold any more. */
  async catchUp(open: OpenVerifications): Promise<void> {
    const covered = this.#covered;
    this.#covered = undefined;
    if (covered !== undefined && this.#holds(covered, open)) return this.#catchUp(open, covered);
    this.#day.forget();
    const saved = loadVerifications(this.#fileSystem, this.#files.index, this.#key);
    await this.#catchUp(open, saved !== undefined && this.#holds(saved, open) ? saved : nothingVerifiedYet());
  }

  async #catchUp(open: OpenVerifications, covered: CoveredVerifications): Promise<void> {
    const { history } = covered;
    const to = Math.max(covered.verifications.offset, open.verificationsEnd);
    const end = await forEachLine(
      this.#fileSystem,
      open.verifications,
      { from: covered.verifications.offset, to },
      (bytes, start) => {
        const verification = decodeVerification(bytes);
        if (verification === "blank") return;
        if (verification === undefined)
          noteDamage(covered, { path: this.#files.verifications, start, reason: NO_VERIFICATION }, this.#onNotice);
        else this.#add(covered, open, { verification, start });
      },
    );
    // Only now: while a file is read from its start every run of it is known, so that no verification is counted twice.
    forgetFirst(history);
    if (end > covered.verifications.offset || covered.verifications.file === "") {
      covered.verifications = markAt(this.#fileSystem, open.verifications, end);
      covered.log = this.#log.mark;
    }
    this.#covered = covered;
  }

  #add(
    covered: CoveredVerifications,
    open: OpenVerifications,
    { verification, start }: { verification: Verification; start: number },
  ): void {
    const { history } = covered;
    const known = history.latest.get(verification.execution_id);
    covered.lines += 1;
    if (isExpiredVerification(verification, open.cutoff)) covered.expiredLines += 1;
    const after = placeVerification(this.#log, open.log, known, verification);
    if (after === undefined || hasExpired(after.at, open.cutoff)) {
      // Of a run that the log does not have nobody can say whether it has expired there.
      covered.expiredCutoff = Math.max(covered.expiredCutoff, open.cutoff);
      return;
    }
    // A run that was dropped was counted, as its verification says; any other that is not known was not.
    const dropped = after.place <= history.forgottenPlace && hasVerifications(verification.earlier);
    const before = known ?? (dropped ? { ...after, verifications: verification.earlier ?? {} } : undefined);
    addVerifiedRun(history, { before, after }, start);
  }

  #holds(covered: CoveredVerifications, open: OpenVerifications): boolean {
    return (
      covered.expiredCutoff <= open.cutoff &&
      hasOnlyGrown(this.#fileSystem, open.verifications, covered.verifications) &&
      hasOnlyGrown(this.#fileSystem, open.log, covered.log)
    );
  }

  /** Whether every one of these runs that was checked is known: those dropped stand before the first of them. */
  #knowsAll(open: OpenVerifications, recent: readonly RecentRun[]): boolean {
    const { forgottenPlace } = this.#caughtUp().history;
    const id = forgottenPlace < 0 ? undefined : recent.find((run) => run.id !== undefined)?.id;
    if (id === undefined) return true;
    return (this.#log.locate(open.log, idIdentity(id))?.place ?? 0) > forgottenPlace;
  }

  /** What counts of the verifications of a run that is in the log. */
  async verificationsOf(open: OpenVerifications, id: string): Promise<Checks | undefined> {
    await this.catchUp(open);
    const { history, verifications } = this.#caughtUp();
    const known = history.latest.get(id);
    if (known !== undefined || history.forgottenPlace < 0) return known?.verifications;
    const place = this.#log.locate(open.log, idIdentity(id))?.place ?? Number.POSITIVE_INFINITY;
    if (place > history.forgottenPlace) return undefined;
    for await (const { bytes } of linesBackwards(this.#fileSystem, open.verifications, verifications.offset)) {
      const verification = decodeVerification(bytes);
      if (verification !== undefined && verification !== "blank" && verification.execution_id === id) {
        return addVerification(undefined, verification).verifications;
      }
    }
    return undefined;
  }

  /** Whether the verifications of expired runs should leave the file: by the rule for the log itself. */
  isPruningDue(cutoff: number): boolean {
    const { verifications, lines, expiredLines, expiredCutoff, history } = this.#caughtUp();
    // Of those that had expired at a later cutoff when they were read nobody knows.
    let expired = expiredCutoff <= cutoff ? expiredLines : 0;
    for (const day of history.days.values()) if (hasExpired(day.latestAt, cutoff)) expired += day.verifications;
    return isPruningDue({ sizeBytes: verifications.offset, expiredRuns: expired, liveRuns: lines - expired });
  }

  /** Whether so much was read since the last checkpoint that a new one is due. */
  get isCheckpointDue(): boolean {
    const { verifications, checkpointed } = this.#caughtUp();
    return verifications.offset - checkpointed >= CHECKPOINT_BYTES;
  }

  /** Writes what was learnt beside the log. The caller holds the lock, and has made the folder. */
  saveCheckpoint(): void {
    const covered = this.#caughtUp();
    saveVerifications(this.#fileSystem, this.#files.index, covered, this.#key);
    covered.checkpointed = covered.verifications.offset;
  }

  #caughtUp(): CoveredVerifications {
    if (this.#covered === undefined) throw new Error("catchUp comes before any question");
    return this.#covered;
  }
}

function hasVerifications(verifications: Checks | undefined): boolean {
  return Object.keys(verifications ?? {}).length > 0;
}
