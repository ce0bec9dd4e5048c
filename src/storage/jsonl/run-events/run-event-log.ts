import {
  type DayOfRuns,
  firstSeenIn,
  hasExpiredDay,
  isExpiredRun,
  type RunEvent,
  type RunsByKey,
  type SeenRun,
  unlessExpired,
} from "../../../domain/run/runs-by-key.ts";
import { formatInstant, readInstant } from "../../../domain/run/time.ts";
import { Mutex } from "../../shared/mutex.ts";
import type { RunEventKind } from "../../shared/run-events/run-event-kind.ts";
import { READ, statusAt, withFileAsync } from "../files/file-system.ts";
import { linesOf } from "../files/layout.ts";
import { appendLines, endLastLine } from "../journal/append.ts";
import { LockedFiles } from "../journal/locked-files.ts";
import type { HeldLock } from "../lock/lock.ts";
import type { AgentContext } from "../projection/agent-context.ts";
import { duePruning, maintain } from "../projection/maintain.ts";
import type { Projection } from "../projection/projection.ts";
import { runEventsOf } from "./run-event-projection.ts";

/** What is live of the events of one kind, and how much of their journal could not be read. */
export interface RunEventOverview<V> {
  readonly seen: V;
  readonly unreadable: number;
}

/** The events of one kind of one agent's runs, within this process: whose turn it is, and all that is done to the journal. */
export class RunEventLog<E extends RunEvent, R extends SeenRun, D extends DayOfRuns, V> {
  readonly #kind: RunEventKind<E, R, D, V>;
  readonly #options: AgentContext;
  readonly #path: string;
  readonly #turns = new Mutex();
  readonly #lockedFiles: LockedFiles;
  readonly #events: Projection<RunsByKey<R, D>, unknown>;

  constructor(kind: RunEventKind<E, R, D, V>, options: AgentContext) {
    const { agent, files } = options;
    this.#kind = kind;
    this.#options = options;
    this.#path = files[kind.journal];
    // The lock is that of the log: under it no other process has a file under way in the folder.
    this.#lockedFiles = new LockedFiles({ ...options, name: agent, paths: linesOf(files) });
    this.#events = runEventsOf(kind, options);
  }

  get isIdle(): boolean {
    return this.#turns.isIdle;
  }

  settled(): Promise<void> {
    return this.#turns.settled();
  }

  /** Resolves when the event is on disk, or says nothing that is not there already, or is of a run that has expired. */
  note(event: E): Promise<R> {
    return this.#turns.take(() => this.#lockedFiles.locked((lock) => this.#add(event, lock)));
  }

  /** What is live in the file; `undefined` if there is none. */
  overview(): Promise<RunEventOverview<V> | undefined> {
    return this.#turns.take(async () => {
      const read = await this.#events.readFile();
      if (read === undefined) return undefined;
      return { seen: this.#kind.view(read.state, this.#options.cutoff()), unreadable: read.damagedLines };
    });
  }

  find(key: string): Promise<R | undefined> {
    return this.#turns.take(() => this.#known(key));
  }

  async #add(event: E, lock: HeldLock): Promise<R> {
    const { agent, cutoff, fileSystem } = this.#options;
    const { encode, rules } = this.#kind;
    // Only a line that is ended counts, or counts as damaged, for everybody.
    endLastLine(fileSystem, this.#path);
    const known = await this.#known(event.key);
    const run = rules.withEvent(known, event);
    if (rules.isSame(known, run) || isExpiredRun(run, cutoff())) return run;
    const line = encode({ ...event, agent, first_seen: formatInstant(run.firstSeenAt) });
    lock.confirm();
    const before = statusAt(fileSystem, this.#path)?.size ?? 0;
    appendLines(fileSystem, this.#path, line);
    await this.#maintain(before, lock);
    return run;
  }

  async #known(key: string): Promise<R | undefined> {
    return unlessExpired((await this.#events.readFile())?.state.recent.get(key), this.#options.cutoff());
  }

  /** `before` is where the event of this call begins: it is no witness of the time. */
  #maintain(before: number, lock: HeldLock): Promise<void> {
    const { cutoff, fileSystem, now } = this.#options;
    const path = this.#path;
    const instantsIn = (line: Buffer) => this.#instantsIn(line);
    const pruneTo = () =>
      withFileAsync(fileSystem, path, READ, (fd) =>
        duePruning({ fileSystem, fd, end: before, instantsIn }, { cutoff: cutoff(), now: now() }, (at) =>
          this.#countByAge(at),
        ),
      );
    const isExpired = (line: Buffer, at: number) => this.#isExpired(line, at);
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

  /** Every line of a run says when the run was first seen, so they all leave together. */
  #isExpired(line: Buffer, cutoff: number): boolean {
    const event = this.#kind.decode(line);
    if (event === undefined || event === "blank") return false;
    return isExpiredRun({ firstSeenAt: firstSeenIn(event) }, cutoff);
  }

  /** An event is a witness of when it was noted. */
  #instantsIn(line: Buffer): (number | undefined)[] {
    const event = this.#kind.decode(line);
    return event === undefined || event === "blank" ? [] : [readInstant(event.timestamp)];
  }
}
