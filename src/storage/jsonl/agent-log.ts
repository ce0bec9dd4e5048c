import { setImmediate as nextTurn } from "node:timers/promises";
import { keyIdentity } from "../../domain/run/execution.ts";
import type { ExecutionFilter } from "../../domain/run/filter.ts";
import { nothingVerified } from "../../domain/verification/verification.ts";
import type {
  Appended,
  FoundRun,
  NewRun,
  NewVerification,
  OnDone,
  Pruned,
  ScannedRun,
  VerifiedOverview,
  VerifyOptions,
  VerifyResult,
} from "../store.ts";
import { closeQuietly, openPlainFile, READ, statusOf, withFileAsync } from "./files/file-system.ts";
import { withSideFile } from "./journal/side-file.ts";
import type { HeldLock, Locks } from "./lock/lock.ts";
import { Mutex } from "./lock/mutex.ts";
import { GroupCommit } from "./runs/group-commit.ts";
import type { LogOptions } from "./runs/log-options.ts";
import { LogView } from "./runs/log-view.ts";
import { LogWriter, type Repaired } from "./runs/log-writer.ts";
import type { Snapshot } from "./runs/scan.ts";
import { scanLog } from "./scan-runs.ts";
import { VerificationPlaces } from "./verifications/verification-places.ts";
import { scanVerified } from "./verifications/verification-scan.ts";
import { VerificationView } from "./verifications/verification-view.ts";
import { VerificationWriter } from "./verifications/verification-writer.ts";

export interface AgentLogOptions extends LogOptions {
  readonly locks: Locks;
  /** Makes sure that the agent's folder is there, and is safe to write to. */
  readonly prepareFolder: () => Promise<void>;
}

/** One agent's log, and the verifications of its runs, within this process: whose turn it is, and that others are kept out. */
export class AgentLog {
  readonly #options: AgentLogOptions;
  readonly #turns = new Mutex();
  readonly #view: LogView;
  readonly #verifications: VerificationView;
  readonly #writer: LogWriter;
  readonly #verificationWriter: VerificationWriter;
  readonly #appends = new GroupCommit(this.#turns, (runs) => this.#commit(runs));
  #isPruningSoon = false;

  constructor(options: AgentLogOptions) {
    this.#options = options;
    this.#view = new LogView(options);
    this.#verifications = new VerificationView(options, this.#view);
    this.#writer = new LogWriter(options, this.#view);
    this.#verificationWriter = new VerificationWriter(options, this.#view, this.#verifications);
  }

  get isIdle(): boolean {
    return this.#turns.isIdle;
  }

  settled(): Promise<void> {
    return this.#turns.settled();
  }

  /** Resolves when the runs are on disk. */
  append(runs: readonly NewRun[]): Promise<Appended> {
    return this.#appends.append(runs);
  }

  /** What would become of runs that came now. */
  preview(runs: readonly NewRun[]): Promise<Appended> {
    return this.#turns.take(async () => ({
      results: await this.#writer.preview(runs),
      overview: await this.#overview(),
    }));
  }

  /** Resolves when the verifications are on disk. */
  verify(verifications: readonly NewVerification[], options: VerifyOptions): Promise<VerifyResult[]> {
    const writer = this.#verificationWriter;
    return this.#turns.take(() => {
      if (options.dryRun) return writer.preview(verifications);
      return this.#locked(async (lock) => {
        if (options.fromElsewhere) return writer.merge(verifications, lock);
        const results: VerifyResult[] = [];
        for (const verification of verifications) results.push(await writer.add(verification, lock));
        return results;
      });
    });
  }

  /** What is live in the log, which has to be there. */
  overview(): Promise<VerifiedOverview> {
    return this.#turns.take(() => this.#overview());
  }

  async overviewOf(filter: ExecutionFilter): Promise<VerifiedOverview> {
    const { unreadable } = await this.overview();
    const { verifications } = this.#options.files;
    return { ...(await this.withSnapshot((snapshot) => scanVerified(snapshot, verifications, filter))), unreadable };
  }

  existingKeys(keys: readonly string[]): Promise<ReadonlySet<string>> {
    const { fileSystem, files } = this.#options;
    return this.#turns.take(() =>
      withFileAsync(fileSystem, files.log, READ, async (fd) => {
        const cutoff = this.#options.cutoff();
        await this.#view.catchUp(fd);
        const isThere = (key: string) => this.#view.find(fd, keyIdentity(key), cutoff) !== undefined;
        return this.#view.ask(fd, () => new Set(keys.filter(isThere)));
      }),
    );
  }

  async lookUp(keys: readonly string[]): Promise<ReadonlyMap<string, FoundRun>> {
    const { fileSystem, files } = this.#options;
    const found = await this.#turns.take(() =>
      withFileAsync(fileSystem, files.log, READ, async (fd) => {
        const cutoff = this.#options.cutoff();
        await this.#view.catchUp(fd);
        const runOf = (key: string) => {
          const execution = this.#view.find(fd, keyIdentity(key), cutoff);
          return execution === undefined ? [] : [{ key, execution }];
        };
        return this.#view.ask(fd, () => keys.flatMap(runOf));
      }),
    );
    return withSideFile(fileSystem, files.verifications, async (fd) => {
      const places = new VerificationPlaces(fileSystem);
      if (fd !== undefined) await places.catchUp(fd);
      const verificationsOf = (id: string | undefined) =>
        fd === undefined || id === undefined ? [] : places.verificationsOf(fd, id);
      return new Map(
        found.map(({ execution, key }) => [key, { execution, verifications: verificationsOf(execution.id) }]),
      );
    });
  }

  prune(onProgress?: OnDone): Promise<Pruned> {
    return this.#turns.take(() =>
      this.#locked(async (lock) => {
        const pruned = await this.#writer.prune(lock, onProgress);
        await this.#verificationWriter.prune(lock);
        return pruned;
      }),
    );
  }

  sortByTime(): Promise<boolean> {
    return this.#turns.take(async () => {
      // Nearly every log is in order, and nobody need wait for that to be seen.
      const { hasTail, sorted } = await this.#writer.order();
      if (sorted === undefined && !hasTail) return false;
      return this.#locked((lock) => this.#writer.sortByTime(lock));
    });
  }

  repair(onProgress?: OnDone): Promise<Repaired> {
    return this.#turns.take(() =>
      this.#locked(async (lock) => {
        const { quarantined, mended } = await this.#writer.repair(lock, onProgress);
        return { quarantined: quarantined + (await this.#verificationWriter.repair(lock)), mended };
      }),
    );
  }

  /** The runs that a filter picks, as the log stands at the first step, while others may already append to it again. */
  async *scan(filter: ExecutionFilter): AsyncGenerator<readonly ScannedRun[]> {
    const { fileSystem, files } = this.#options;
    const fd = openPlainFile(fileSystem, files.log, READ);
    try {
      yield* scanLog(await this.#snapshotOf(fd), files.verifications, filter);
    } finally {
      closeQuietly(fileSystem, fd);
    }
  }

  /** Reads the log as it stands now, while others may already append to it again. */
  withSnapshot<T>(use: (snapshot: Snapshot) => Promise<T>): Promise<T> {
    const { fileSystem, files } = this.#options;
    return withFileAsync(fileSystem, files.log, READ, async (fd) => use(await this.#snapshotOf(fd)));
  }

  #snapshotOf(fd: number): Promise<Snapshot> {
    const cutoff = this.#options.cutoff();
    return this.#turns.take(async () => {
      await this.#view.catchUp(fd);
      return this.#view.ask(fd, () => this.#view.snapshot(fd, cutoff));
    });
  }

  #overview(): Promise<VerifiedOverview> {
    const { fileSystem, files } = this.#options;
    return withFileAsync(fileSystem, files.log, READ, (log) =>
      withSideFile(fileSystem, files.verifications, async (verifications, damagedFiles) => {
        const cutoff = this.#options.cutoff();
        // Before the log is read on: whatever run a verification up to here speaks of is found in it then.
        const verificationsEnd = verifications === undefined ? 0 : statusOf(fileSystem, verifications).size;
        await this.#view.catchUp(log);
        return this.#view.ask(log, async () => {
          const view = await this.#view.live(log, cutoff);
          const unreadable = this.#view.damagedLines + damagedFiles;
          if (verifications === undefined) return { view, unreadable, verified: nothingVerified };
          const found = await this.#verifications.view({ log, verifications, verificationsEnd, cutoff }, view.recent);
          return { view, unreadable: unreadable + found.damagedLines, verified: found.verified };
        });
      }),
    );
  }

  async #commit(runs: readonly NewRun[]): Promise<Appended> {
    const { decisions, overview, pruneTo } = await this.#locked((lock) => this.#writer.append(runs, lock));
    if (pruneTo !== undefined) this.#pruneSoon(pruneTo);
    return { results: decisions, overview };
  }

  /** Takes expired runs out in a turn of its own, so that whoever recorded is answered before. */
  #pruneSoon(cutoff: number): void {
    if (this.#isPruningSoon) return;
    this.#isPruningSoon = true;
    const pruned = this.#turns.take(async () => {
      await nextTurn();
      await this.#locked((lock) => this.#writer.pruneIfPossible(lock, cutoff));
    });
    const over = () => {
      this.#isPruningSoon = false;
    };
    // Where the lock is not to be had, a later append sees to it.
    pruned.then(over, over);
  }

  async #locked<T>(work: (lock: HeldLock) => Promise<T>): Promise<T> {
    await this.#options.prepareFolder();
    const lock = await this.#options.locks.acquire(this.#options.agent, () => this.#keepUp());
    try {
      this.#writer.begin();
      const result = await work(lock);
      await this.#verificationWriter.afterWork(lock);
      return result;
    } finally {
      lock.release();
    }
  }

  /** Reads what others write while they have the lock, so that less is left to do once it is ours. */
  async #keepUp(): Promise<void> {
    const { fileSystem, files } = this.#options;
    try {
      await withFileAsync(fileSystem, files.log, READ, (fd) => this.#view.catchUp(fd));
    } catch {
      // There may be no log yet. Whatever else it is comes again under the lock.
    }
  }
}
