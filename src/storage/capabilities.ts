import type { AgentName } from "../domain/run/agent-name.ts";
import type {
  DryRunOption,
  ForeignLine,
  Moved,
  NewVoiding,
  OnDone,
  Pruned,
  Received,
  ReceivedJournal,
  VoidedRun,
} from "./values.ts";

// What an engine may have besides the four ports of store.ts.

/** An engine that keeps expired runs until it is told to take them out. */
export interface Retention {
  /** Takes out what has expired by the clock, and nothing that could not be read. `onProgress` hears what share is done. */
  prune(agent: AgentName, options?: { readonly onProgress?: OnDone | undefined }): Promise<Pruned>;
}

/** An engine whose order of runs is the one in which they came: figures such as the trend go by it. */
export interface Ordering {
  /**
   * Puts the runs in the order of time. Runs of one instant stay as they stand, and one that does not say its time stays
   * behind the one before it. Gives whether any moved.
   */
  sortByTime(agent: AgentName): Promise<boolean>;

  /** Whether this process may change what is there. Missing if each may: the store then has no roles for those who may not. */
  mayChange?(): Promise<boolean>;
}

/**
 * An engine that can take a run out of every answer, and put it back.
 *
 * 1. A voided run counts nowhere, and neither does what verifications, hooks and evidence say of it, nor a run that repeats
 *    it. Its key is free: the same report may come again, corrected.
 * 2. It is never lost, through a crash too, until retention drops it. It counts once or not at all, never twice.
 */
export interface Voiding {
  /** Voids a live run. Fails with `NOT_FOUND` if there is none of this id, and with `INVALID_ARGUMENT` if there are several. */
  voidRun(agent: AgentName, voiding: NewVoiding, options?: DryRunOption): Promise<VoidedRun>;

  /**
   * Puts a run back to its place in time, with all that was known of it. Fails with `NOT_FOUND` if none of this id is voided,
   * and with `KEY_CONFLICT` if another run has its key by now.
   */
  undo(agent: AgentName, id: string, options?: DryRunOption): Promise<VoidedRun>;

  /** The voided runs that have not expired, in the order in which they were voided. */
  voidedRuns(agent: AgentName): Promise<readonly VoidedRun[]>;

  /** As for runs. */
  close(): Promise<void>;
}

/**
 * An engine that can give all that is kept of an agent to another name, or remove it: runs, verifications, lifecycle events,
 * evidence, voided runs and advice. What was begun is noted first. After a crash the next call, or a repair, finishes it.
 */
export interface Moving {
  /** Gives everything of an agent to another one, which need not be there yet. */
  move(from: AgentName, into: AgentName, options?: DryRunOption): Promise<Moved>;

  /** Removes everything of an agent. */
  remove(agent: AgentName, options?: DryRunOption): Promise<Moved>;

  /** As for runs. */
  close(): Promise<void>;
}

/**
 * An engine into which the whole history of another store can be moved: it takes in what stands beside the log, line by line.
 * A line is kept byte for byte, as often as its file has it, however often it comes.
 */
export interface Receiving {
  /**
   * Takes in lines of one file that can be read, in this order: all of them, or after an error none. Of a voided run the
   * line that was written last stays. With `isUnproven`, what verifications of voided runs say counts no more than an agent's
   * word, should the run be put back.
   */
  receive(
    agent: AgentName,
    journal: ReceivedJournal,
    lines: readonly ForeignLine[],
    options?: DryRunOption & { readonly isUnproven?: boolean },
  ): Promise<readonly Received[]>;

  /** As for runs. */
  close(): Promise<void>;
}

/** How an engine is asked that answers over a network. */
export interface Network {
  /** All that `work` asks for has one limit of time together, in place of one for each: a caller waits for the whole of it. */
  asOneCall<T>(work: () => Promise<T>): Promise<T>;
  /** So many ms lie between two looks for changes: each is a question to a server that others pay for, too. */
  readonly lookEveryMs: number;
}
