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
  type LifecycleHistory,
  unlessExpired,
  viewObservedRuns,
} from "../../../domain/coverage/observed-runs.ts";
import { formatInstant, readInstant } from "../../../domain/run/time.ts";
import type { LifecycleOverview } from "../../store.ts";
import { READ, statusAt, withFileAsync } from "../files/file-system.ts";
import { linesOf } from "../files/layout.ts";
import { appendLines, endLastLine } from "../journal/append.ts";
import { LockedFiles } from "../journal/locked-files.ts";
import type { HeldLock } from "../lock/lock.ts";
import { Mutex } from "../lock/mutex.ts";
import type { AgentContext } from "../projection/agent-context.ts";
import { duePruning, maintain } from "../projection/maintain.ts";
import { Projection } from "../projection/projection.ts";
import { lifecycleFold, lifecycleSnapshot } from "./lifecycle-fold.ts";

/** What hooks saw of one agent's runs, within this process: whose turn it is, and everything that is done to the file. */
export class LifecycleLog {
  readonly #options: AgentContext;
  readonly #turns = new Mutex();
  readonly #lockedFiles: LockedFiles;
  readonly #events: Projection<LifecycleHistory, ReturnType<typeof decodeLifecycleEvent>>;

  constructor(options: AgentContext) {
    const { agent, files } = options;
    this.#options = options;
    // The lock is that of the log: under it no other process has a file under way in the folder.
    this.#lockedFiles = new LockedFiles({ ...options, name: agent, paths: linesOf(files) });
    this.#events = new Projection(options, files.lifecycle, lifecycleFold, lifecycleSnapshot(files.index));
  }

  get isIdle(): boolean {
    return this.#turns.isIdle;
  }

  settled(): Promise<void> {
    return this.#turns.settled();
  }

  /** Resolves when the lifecycle event is on disk, or says nothing that is not there already. */
  observe(event: NewLifecycleEvent): Promise<ObservedRun> {
    return this.#turns.take(() => this.#lockedFiles.locked((lock) => this.#add(event, lock)));
  }

  /** What is live in the file; `undefined` where there is none. */
  overview(): Promise<LifecycleOverview | undefined> {
    return this.#turns.take(async () => {
      const read = await this.#events.readFile();
      if (read === undefined) return undefined;
      return { seen: viewObservedRuns(read.state, this.#options.cutoff()), unreadable: read.damagedLines };
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
    appendLines(fileSystem, files.lifecycle, line);
    await this.#maintain(before, lock);
    return run;
  }

  async #known(key: string): Promise<ObservedRun | undefined> {
    return unlessExpired((await this.#events.readFile())?.state.recent.get(key), this.#options.cutoff());
  }

  /** `before` is where the lifecycle event of this call begins: it is no witness of the time. */
  #maintain(before: number, lock: HeldLock): Promise<void> {
    const { cutoff, fileSystem, files, now } = this.#options;
    const path = files.lifecycle;
    const pruneTo = () =>
      withFileAsync(fileSystem, path, READ, (fd) =>
        duePruning({ fileSystem, fd, end: before, instantsIn }, { cutoff: cutoff(), now: now() }, (at) =>
          this.#countByAge(at),
        ),
      );
    const file = { path, projection: this.#events, catchUp: () => this.#events.readFile(), pruneTo, isExpired };
    return maintain({ ...this.#options, lockedFiles: this.#lockedFiles }, file, lock);
  }

  #countByAge(cutoff: number) {
    const { fingerprint, state } = this.#events.current;
    const counts = { sizeBytes: fingerprint.offset, expiredRuns: 0, liveRuns: 0 };
    for (const [number, day] of state.days) {
      if (hasExpiredDay(number, cutoff)) counts.expiredRuns += day.events;
      else counts.liveRuns += day.events;
    }
    return counts;
  }
}

/** Every line of a run says when the run was first seen, so they all leave together. */
function isExpired(line: Buffer, cutoff: number): boolean {
  const event = decodeLifecycleEvent(line);
  if (event === undefined || event === "blank") return false;
  return isExpiredRun(withLifecycleEvent(undefined, event), cutoff);
}

/** A lifecycle event is a witness of when it was made. */
function instantsIn(line: Buffer): (number | undefined)[] {
  const event = decodeLifecycleEvent(line);
  return event === undefined || event === "blank" ? [] : [readInstant(event.timestamp)];
}
