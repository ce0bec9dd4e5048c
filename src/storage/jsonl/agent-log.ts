import { basename } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Execution, idIdentity, keyIdentity } from "../../domain/run/execution.ts";
import type { ExecutionFilter } from "../../domain/run/filter.ts";
import type { MergeResult } from "../../domain/verification/merge-verifications.ts";
import { nothingVerified } from "../../domain/verification/verification.ts";
import type {
  Appended,
  DamagedLine,
  NewRun,
  NewVerification,
  OnBytes,
  Pruned,
  Repaired,
  ScannedRun,
  Verified,
  VerifiedOverview,
} from "../store.ts";
import { READ, statusOf, withFileAsync } from "./files/file-system.ts";
import { linesOf } from "./files/layout.ts";
import { LockedFiles } from "./journal/locked-files.ts";
import { withSideFile } from "./journal/side-file.ts";
import type { HeldLock } from "./lock/lock.ts";
import { Mutex } from "./lock/mutex.ts";
import type { AgentContext } from "./projection/agent-context.ts";
import { LogView } from "./run-view/log-view.ts";
import { type Snapshot, scanDamage } from "./run-view/scan.ts";
import type { Decision } from "./runs/batch.ts";
import { DerivedFiles } from "./runs/derived-files.ts";
import { type Committed, GroupCommit } from "./runs/group-commit.ts";
import { LogUpkeep } from "./runs/log-upkeep.ts";
import { LogWriter } from "./runs/log-writer.ts";
import { scanLog } from "./scan-runs.ts";
import { scanDamagedVerifications, scanVerified } from "./verifications/verification-scan.ts";
import { VerificationView } from "./verifications/verification-view.ts";
import { VerificationWriter } from "./verifications/verification-writer.ts";

/** One agent's log, and the verifications of its runs, within this process: whose turn it is, and that others are kept out. */
export class AgentLog {
  readonly #options: AgentContext;
  readonly #turns = new Mutex();
  readonly #lockedFiles: LockedFiles;
  readonly #view: LogView;
  readonly #verifications: VerificationView;
  readonly #upkeep: LogUpkeep;
  readonly #writer: LogWriter;
  readonly #verificationWriter: VerificationWriter;
  readonly #appends = new GroupCommit(this.#turns, (runs) => this.#commit(runs));
  #isPruningSoon = false;

  constructor(options: AgentContext) {
    this.#options = options;
    const { agent, files } = options;
    this.#lockedFiles = new LockedFiles({ ...options, name: agent, paths: linesOf(files) });
    this.#view = new LogView(options);
    this.#verifications = new VerificationView(options, this.#view);
    const derived = new DerivedFiles(options, this.#view);
    this.#upkeep = new LogUpkeep(options, this.#lockedFiles, this.#view, derived);
    this.#writer = new LogWriter(options, this.#view, derived, this.#upkeep);
    this.#verificationWriter = new VerificationWriter(options, this.#lockedFiles, this.#view, this.#verifications);
  }

  get isIdle(): boolean {
    return this.#turns.isIdle;
  }

  settled(): Promise<void> {
    return this.#turns.settled();
  }

  /** Resolves when the run is on disk. */
  append(run: NewRun): Promise<Appended> {
    return this.#appends.append(run);
  }

  preview(runs: readonly NewRun[]): Promise<readonly Decision[]> {
    return this.#turns.take(() => this.#writer.preview(runs));
  }

  /** Resolves when the verification is on disk. */
  verify(verification: NewVerification): Promise<Verified> {
    return this.#turns.take(async () => {
      const run = await this.#locked((lock) => this.#verificationWriter.add(verification, lock));
      return { run, overview: await this.#overview() };
    });
  }

  mergeVerifications(verifications: readonly NewVerification[]): Promise<MergeResult[]> {
    return this.#turns.take(() => this.#locked((lock) => this.#verificationWriter.merge(verifications, lock)));
  }

  previewVerifications(verifications: readonly NewVerification[]): Promise<MergeResult[]> {
    return this.#turns.take(() => this.#verificationWriter.preview(verifications));
  }

  /** What is live in the log, which has to be there. */
  overview(): Promise<VerifiedOverview> {
    return this.#turns.take(() => this.#overview());
  }

  async overviewOf(filter: ExecutionFilter): Promise<VerifiedOverview> {
    const { damagedLines } = await this.overview();
    const { verifications } = this.#options.files;
    return { ...(await this.withSnapshot((snapshot) => scanVerified(snapshot, verifications, filter))), damagedLines };
  }

  find(id: string): Promise<Execution | undefined> {
    return this.#asking((fd, cutoff) => this.#view.find(fd, idIdentity(id), cutoff));
  }

  usedKeys(keys: readonly string[]): Promise<ReadonlySet<string>> {
    return this.#asking((fd, cutoff) => {
      const isUsed = (key: string) => this.#view.find(fd, keyIdentity(key), cutoff) !== undefined;
      return new Set(keys.filter(isUsed));
    });
  }

  prune(onProgress?: OnBytes): Promise<Pruned> {
    return this.#turns.take(() =>
      this.#locked(async (lock) => {
        const pruned = await this.#upkeep.prune(lock, { onProgress });
        await this.#verificationWriter.prune(lock);
        return pruned;
      }),
    );
  }

  sortByTime(): Promise<boolean> {
    return this.#turns.take(async () => {
      // Nearly every log is in order, and no call need wait for that to be seen.
      const { hasTail, sorted } = await this.#upkeep.order();
      if (sorted === undefined && !hasTail) return false;
      return this.#locked((lock) => this.#upkeep.sortByTime(lock));
    });
  }

  repair(onProgress?: OnBytes): Promise<Repaired> {
    return this.#turns.take(() =>
      this.#locked(async (lock) => {
        const { quarantined, mended } = await this.#upkeep.repair(lock, onProgress);
        return { quarantined: quarantined + (await this.#verificationWriter.repair(lock)), mended };
      }),
    );
  }

  async damage(): Promise<DamagedLine[]> {
    const { fileSystem, files } = this.#options;
    const inLog = await this.withSnapshot((snapshot) => scanDamage(snapshot, basename(files.log)));
    return [...inLog, ...(await scanDamagedVerifications(fileSystem, files.verifications))];
  }

  scan(filter: ExecutionFilter, use: (runs: readonly ScannedRun[]) => Promise<void>): Promise<void> {
    return this.withSnapshot((snapshot) => scanLog(snapshot, this.#options.files.verifications, filter, use));
  }

  /** Reads the log as it stands now, while others may already append to it again. */
  withSnapshot<T>(use: (snapshot: Snapshot) => Promise<T>): Promise<T> {
    const { fileSystem, files } = this.#options;
    return withFileAsync(fileSystem, files.log, READ, async (fd) => {
      const cutoff = this.#options.cutoff();
      const snapshot = await this.#turns.take(async () => {
        await this.#view.catchUp(fd);
        return this.#view.ask(fd, () => this.#view.snapshot(fd, cutoff));
      });
      return use(snapshot);
    });
  }

  /** Asks the view about the log as it stands now. */
  #asking<T>(question: (fd: number, cutoff: number) => T): Promise<T> {
    return this.#turns.take(() => this.#view.reading((fd) => question(fd, this.#options.cutoff())));
  }

  #overview(): Promise<VerifiedOverview> {
    const { fileSystem, files } = this.#options;
    const cutoff = this.#options.cutoff();
    return withSideFile(fileSystem, files.verifications, (verifications, damagedFiles) => {
      // Before the log is read on: the run of each verification up to here is found in it then.
      const verificationsEnd = verifications === undefined ? 0 : statusOf(fileSystem, verifications).size;
      return this.#view.reading(async (log) => {
        const view = await this.#view.live(log, cutoff);
        const damagedLines = this.#view.damagedLines + damagedFiles;
        if (verifications === undefined) return { view, damagedLines, verified: nothingVerified };
        const found = await this.#verifications.view({ log, verifications, verificationsEnd, cutoff }, view.recent);
        return { view, damagedLines: damagedLines + found.damagedLines, verified: found.verified };
      });
    });
  }

  async #commit(runs: readonly NewRun[]): Promise<Committed> {
    const { pruneTo, ...committed } = await this.#locked((lock) => this.#writer.append(runs, lock));
    if (pruneTo !== undefined) this.#pruneSoon(pruneTo);
    return committed;
  }

  /** Takes expired runs out in a turn of its own, so that the call that recorded is answered before. */
  #pruneSoon(cutoff: number): void {
    if (this.#isPruningSoon) return;
    this.#isPruningSoon = true;
    const pruned = this.#turns.take(async () => {
      await nextTurn();
      await this.#locked((lock) => this.#upkeep.pruneIfPossible(lock, cutoff));
    });
    const over = () => {
      this.#isPruningSoon = false;
    };
    // Where the lock is not to be had, a later append sees to it.
    pruned.then(over, over);
  }

  #locked<T>(work: (lock: HeldLock) => Promise<T>): Promise<T> {
    return this.#lockedFiles.locked(
      async (lock) => {
        const result = await work(lock);
        await this.#verificationWriter.afterWork(lock);
        return result;
      },
      () => this.#keepUp(),
    );
  }

  /** Reads what others write while they have the lock, so that less is left to do once it is ours. */
  async #keepUp(): Promise<void> {
    try {
      await this.#view.reading(() => {});
    } catch {
      // There may be no log yet. Any other error comes again under the lock.
    }
  }
}
