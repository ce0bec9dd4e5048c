import { setImmediate as nextTurn } from "node:timers/promises";
import { summarise } from "../../domain/figures/summary.ts";
import type { Execution } from "../../domain/run/execution.ts";
import type { ExecutionFilter } from "../../domain/run/filter.ts";
import type { Verification } from "../../domain/verification/verification.ts";
import { GroupCommit } from "../shared/group-commit.ts";
import { Mutex } from "../shared/mutex.ts";
import type {
  Appended,
  CalledRun,
  DayOutcomes,
  FoundRun,
  NewRun,
  NewVerification,
  OnDone,
  Page,
  PageRequest,
  Pruned,
  ScannedRun,
  VerifiedOverview,
  VerifyOptions,
  VerifyResult,
} from "../store.ts";
import { AgentFigures } from "./agent-figures.ts";
import { closeQuietly, openPlainFile, READ, withFileAsync } from "./files/file-system.ts";
import { linesOf } from "./files/layout.ts";
import { LockedFiles } from "./journal/locked-files.ts";
import { withSideFile } from "./journal/side-file.ts";
import type { HeldLock } from "./lock/lock.ts";
import type { AgentContext } from "./projection/agent-context.ts";
import { LogView } from "./run-view/log-view.ts";
import { readPage } from "./run-view/page.ts";
import type { Snapshot } from "./run-view/scan.ts";
import { DerivedFiles } from "./runs/derived-files.ts";
import { LogUpkeep, type Repaired } from "./runs/log-upkeep.ts";
import { LogWriter } from "./runs/log-writer.ts";
import { scanLog } from "./scan-runs.ts";
import { VerificationPlaces } from "./verifications/verification-places.ts";
import { scanVerified } from "./verifications/verification-scan.ts";
import { VerificationView } from "./verifications/verification-view.ts";
import { VerificationWriter } from "./verifications/verification-writer.ts";

/** One agent's log, and the verifications of its runs, within this process: whose turn it is, and that others are kept out. */
export class AgentLog {
  readonly #options: AgentContext;
  readonly #turns = new Mutex();
  readonly #lockedFiles: LockedFiles;
  readonly #view: LogView;
  readonly #verifications: VerificationView;
  readonly #figures: AgentFigures;
  readonly #upkeep: LogUpkeep;
  readonly #writer: LogWriter;
  readonly #places: VerificationPlaces;
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
    this.#places = new VerificationPlaces(options.fileSystem, files.verifications);
    this.#figures = new AgentFigures(options, this.#view, this.#verifications, this.#places);
    this.#verificationWriter = new VerificationWriter(options, this.#lockedFiles, {
      log: this.#view,
      places: this.#places,
      verifications: this.#verifications,
    });
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
    return this.#turns.take(async () => {
      const overview = await this.#figures.overview();
      const summary = summarise(this.#options.agent, overview.view);
      return { results: await this.#writer.preview(runs), overview, summary };
    });
  }

  /** Resolves when the verifications are on disk. */
  verify(verifications: readonly NewVerification[], options: VerifyOptions): Promise<VerifyResult[]> {
    const writer = this.#verificationWriter;
    return this.#turns.take(() => {
      if (options.dryRun) return writer.preview(verifications);
      return this.#locked(async (lock) => {
        await writer.endTail();
        if (options.fromElsewhere) return writer.merge(verifications, lock);
        const results: VerifyResult[] = [];
        for (const verification of verifications) results.push(await writer.add(verification, lock));
        return results;
      });
    });
  }

  /** What is live in the log, which has to be there. */
  overview(): Promise<VerifiedOverview> {
    return this.#turns.take(() => this.#figures.overview());
  }

  async overviewOf(filter: ExecutionFilter): Promise<VerifiedOverview> {
    const counted = await this.#turns.take(() => this.#figures.overviewOf(filter));
    if (counted !== undefined) return counted;
    const { unreadable } = await this.overview();
    const { verifications } = this.#options.files;
    return { ...(await this.withSnapshot((snapshot) => scanVerified(snapshot, verifications, filter))), unreadable };
  }

  days(): Promise<DayOutcomes[]> {
    return this.#turns.take(() => this.#figures.days());
  }

  existingKeys(keys: readonly string[]): Promise<ReadonlySet<string>> {
    return this.#turns.take(async () => new Set((await this.#findByKeys(keys)).keys()));
  }

  lookUp(keys: readonly string[]): Promise<ReadonlyMap<string, FoundRun>> {
    return this.#turns.take(async () => {
      const found = await this.#findByKeys(keys);
      const verifications = await this.#verificationsOf([...found.values()]);
      const said = ({ id }: Execution) => verifications.get(id) ?? [];
      return new Map([...found].map(([key, execution]) => [key, { execution, verifications: said(execution) }]));
    });
  }

  find(id: string): Promise<CalledRun | undefined> {
    const cutoff = this.#options.cutoff();
    return this.#turns.take(async () => {
      const [execution, other] = await this.#view.reading((fd) => this.#view.findById(fd, id, cutoff));
      if (execution === undefined) return undefined;
      const verifications = (await this.#verificationsOf([execution])).get(id) ?? [];
      return { execution, verifications, isOneOfSeveral: other !== undefined };
    });
  }

  async page(request: PageRequest): Promise<Page> {
    const page = await this.withSnapshot((snapshot) => readPage(snapshot, request));
    return { ...page, verifications: await this.#turns.take(() => this.#verificationsOf(page.executions)) };
  }

  /** The verifications of those of the runs that have any, by execution id. In the caller's turn. */
  #verificationsOf(runs: readonly Execution[]): Promise<Map<string, Verification[]>> {
    const { fileSystem, files } = this.#options;
    return withSideFile(fileSystem, files.verifications, (fd) => this.#places.ofRuns(fd, runs));
  }

  /** The live runs under some keys. In the caller's turn. */
  #findByKeys(keys: readonly string[]): Promise<Map<string, Execution>> {
    const cutoff = this.#options.cutoff();
    return this.#view.reading((fd) => {
      const found = new Map<string, Execution>();
      for (const key of keys) {
        const execution = this.#view.findByKey(fd, key, cutoff);
        if (execution !== undefined) found.set(key, execution);
      }
      return found;
    });
  }

  prune(onProgress?: OnDone): Promise<Pruned> {
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

  repair(onProgress?: OnDone): Promise<Repaired> {
    return this.#turns.take(() =>
      this.#locked(async (lock) => {
        const { quarantined, mended } = await this.#upkeep.repair(lock, onProgress);
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

  async #commit(runs: readonly NewRun[]): Promise<Appended> {
    const { pruneTo, ...appended } = await this.#locked((lock) => this.#writer.append(runs, lock));
    if (pruneTo !== undefined) this.#pruneSoon(pruneTo);
    return appended;
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
