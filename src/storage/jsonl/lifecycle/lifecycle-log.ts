import { decodeLifecycleEvent, encodeLifecycleEvent } from "../../../adr004/lifecycle-line.ts";
import {
  isSameRun,
  type NewLifecycleEvent,
  type ObservedRun,
  withLifecycleEvent,
} from "../../../domain/coverage/lifecycle-event.ts";
import {
  hasExpiredDay,
  isExpiredRun,
  unlessExpired,
  viewObservedRuns,
} from "../../../domain/coverage/observed-runs.ts";
import type { AgentName } from "../../../domain/run/agent-name.ts";
import { formatInstant, readInstant } from "../../../domain/run/time.ts";
import type { LifecycleOverview } from "../../store.ts";
import { READ, statusAt, withFileAsync } from "../files/file-system.ts";
import { reasonOf } from "../files/fs-errors.ts";
import { type Layout, linesOf } from "../files/layout.ts";
import { endLastLine } from "../journal/append.ts";
import { finishDrains } from "../journal/late-appends.ts";
import { appendLockedLines, keepLines } from "../journal/locked-lines.ts";
import { isPruningDue } from "../journal/retention-policy.ts";
import { supportedCutoff } from "../journal/supported-cutoff.ts";
import type { HeldLock, Locks } from "../lock/lock.ts";
import { Mutex } from "../lock/mutex.ts";
import type { CoveredLifecycle } from "./lifecycle-checkpoint.ts";
import { LifecycleView, type LifecycleViewOptions } from "./lifecycle-view.ts";

export interface LifecycleLogOptions extends LifecycleViewOptions {
  readonly agent: AgentName;
  readonly layout: Layout;
  readonly locks: Locks;
  /** The instant (ms) before which a run has expired, as of now. */
  readonly cutoff: () => number;
  readonly now: () => number;
  /** Makes sure that the agent's folder is there, and is safe to write to. */
  readonly prepareFolder: () => Promise<void>;
}

/** What hooks saw of one agent's runs, within this process: whose turn it is, and everything that is done to the file. */
export class LifecycleLog {
  readonly #options: LifecycleLogOptions;
  readonly #turns = new Mutex();
  readonly #view: LifecycleView;

  constructor(options: LifecycleLogOptions) {
    this.#options = options;
    this.#view = new LifecycleView(options);
  }

  get isIdle(): boolean {
    return this.#turns.isIdle;
  }

  settled(): Promise<void> {
    return this.#turns.settled();
  }

  /** Resolves when the lifecycle event is on disk, or says nothing that is not there already. */
  observe(event: NewLifecycleEvent): Promise<ObservedRun> {
    return this.#turns.take(() => this.#locked((lock) => this.#add(event, lock)));
  }

  /** What is live in the file; `undefined` where there is none. */
  overview(): Promise<LifecycleOverview | undefined> {
    return this.#turns.take(async () => {
      const covered = await this.#view.read();
      if (covered === undefined) return undefined;
      const { history, damagedLines } = covered;
      return { seen: viewObservedRuns(history, this.#options.cutoff()), unreadable: damagedLines };
    });
  }

  find(key: string): Promise<ObservedRun | undefined> {
    return this.#turns.take(() => this.#known(key));
  }

  async #add(event: NewLifecycleEvent, lock: HeldLock): Promise<ObservedRun> {
    const { agent, fileSystem, files } = this.#options;
    // Only a line that is ended counts, or counts as damaged, for everybody.
    endLastLine(fileSystem, files.lifecycle);
    const known = await this.#known(event.key);
    const run = withLifecycleEvent(known, event);
    if (isSameRun(known, run)) return run;
    const line = encodeLifecycleEvent({ ...event, agent, first_seen: formatInstant(run.firstSeenAt) });
    lock.confirm();
    const before = statusAt(fileSystem, files.lifecycle)?.size ?? 0;
    appendLockedLines(fileSystem, files.lifecycle, line);
    await this.#maintain(before, lock);
    return run;
  }

  async #known(key: string): Promise<ObservedRun | undefined> {
    return unlessExpired((await this.#view.read())?.history.recent.get(key), this.#options.cutoff());
  }

  /**
   * Takes expired runs out and makes a new checkpoint, where either is due; `before` is where the lifecycle event of this call
   * begins. What was acknowledged is on disk by now: that this fails is no reason to fail.
   */
  async #maintain(before: number, lock: HeldLock): Promise<void> {
    const { fileSystem, files, layout, now, onNotice } = this.#options;
    try {
      const cutoff = await this.#pruneTo(before);
      // Whoever is killed here leaves a file under way, and the next one comes here, too: nobody else pays for a look.
      if (cutoff !== undefined || this.#view.isCheckpointDue) finishDrains(fileSystem, linesOf(files), now());
      if (cutoff !== undefined) {
        const isKept = (line: Buffer) => !isExpiredLine(line, cutoff);
        await keepLines(fileSystem, files.lifecycle, isKept, () => lock.confirm());
        await this.#view.read();
      }
      if (!this.#view.isCheckpointDue) return;
      layout.makeFolder(files.index);
      this.#view.saveCheckpoint();
    } catch (error) {
      onNotice(`${files.lifecycle} is written, but could not be looked after: ${reasonOf(error)}`);
    }
  }

  /** The cutoff (ms) at which runs should be taken out now, if any: as far as the last lifecycle events agree with the clock. */
  async #pruneTo(before: number): Promise<number | undefined> {
    const { fileSystem, files, now } = this.#options;
    const covered = await this.#view.read();
    const cutoff = this.#options.cutoff();
    if (covered === undefined || !isPruningDue(countByAge(covered, cutoff))) return undefined;
    const supported = await withFileAsync(fileSystem, files.lifecycle, READ, (fd) =>
      supportedCutoff(fileSystem, fd, before, { cutoff, now: now() }, witnessIn),
    );
    return isPruningDue(countByAge(covered, supported)) ? supported : undefined;
  }

  /** The lock is that of the log: under it nobody else has a file under way in the folder. */
  async #locked<T>(work: (lock: HeldLock) => Promise<T>): Promise<T> {
    await this.#options.prepareFolder();
    const lock = await this.#options.locks.acquire(this.#options.agent);
    try {
      return await work(lock);
    } finally {
      lock.release();
    }
  }
}

/** Every line of a run says when the run was first seen, so they all leave together. */
function isExpiredLine(line: Buffer, cutoff: number): boolean {
  const event = decodeLifecycleEvent(line);
  if (event === undefined || event === "blank") return false;
  return isExpiredRun(withLifecycleEvent(undefined, event), cutoff);
}

/** A lifecycle event is a witness of when it was made. */
function witnessIn(line: Buffer): (number | undefined)[] {
  const event = decodeLifecycleEvent(line);
  return event === undefined || event === "blank" ? [] : [readInstant(event.timestamp)];
}

function countByAge({ history, mark }: CoveredLifecycle, cutoff: number) {
  const counts = { sizeBytes: mark.offset, expiredRuns: 0, liveRuns: 0 };
  for (const [number, day] of history.days) {
    if (hasExpiredDay(number, cutoff)) counts.expiredRuns += day.events;
    else counts.liveRuns += day.events;
  }
  return counts;
}
