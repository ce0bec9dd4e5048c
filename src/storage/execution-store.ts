import type { HistoryView } from "../domain/figures/history.ts";
import type { Summary } from "../domain/figures/summary.ts";
import type { AgentName } from "../domain/run/agent-name.ts";
import type { Execution } from "../domain/run/execution.ts";
import type { ExecutionFilter } from "../domain/run/filter.ts";
import type { JsonObject } from "../domain/text/json.ts";
import type { MergeResult } from "../domain/verification/merge-verifications.ts";
import type { Verification, VerifiedRun, VerifiedView } from "../domain/verification/verification.ts";
import type { KaizenError } from "../errors.ts";

/**
 * What the use cases need of a store of runs. Every implementation keeps these promises, and the contract suite holds
 * each of them to it:
 *
 * 1. A run that was acknowledged stays until retention drops it: through a crash, through any number of processes.
 * 2. A run is recorded once per idempotency key, also when several processes try at the same moment. The same report
 *    again gets the first run back; another report under the same key fails with `KEY_CONFLICT`. A key is free again for a
 *    run that ended when the first one had expired: the timestamps of the two and the retention decide, and no clock does,
 *    so that every process and every engine agree. If either does not say when it ended, the key stays taken.
 * 3. What is damaged is set aside, counted and named, and never stops the rest from being read.
 * 4. Reading takes no lock, writes nothing, and sees whole runs only.
 * 5. An expired run counts in no answer, also while it still stands in the log. Nor does a run that repeats it, however
 *    long that would live by itself: it stays a duplicate.
 * 6. InFlightCalls that arrive together may share the cost of one write; each is answered for itself.
 * 7. What independent verifications found stands beside the runs and never changes them. A verification that was acknowledged stays
 *    as long as its run; every verification is kept, and of each verifier the latest counts, whichever process reported it.
 *    A verification counts where its run counts, and nowhere else: not when the run has expired, nor when it left the log.
 *
 * Errors are `KaizenError`s: `INVALID_AGENT`, `KEY_CONFLICT`, `UNSAFE_PATH`, `DISK_FULL`, `READ_ONLY`, `LOCK_TIMEOUT`,
 * `IO_ERROR`, `CLOSED`. After an error nothing has been recorded, and a later call works once its cause is gone.
 */
export interface ExecutionStore {
  append(agent: AgentName, run: NewRun): Promise<Appended>;

  /** What `append` would do with each of these runs if they came now, in this order. Adds nothing. */
  preview(agent: AgentName, runs: readonly NewRun[]): Promise<Preview[]>;

  /**
   * Keeps what a verification of a live run found. Fails with `NOT_FOUND` where there is no live run with this id. After any
   * other error it may be sent again: the same verification by the same verifier changes nothing but the number of lines.
   */
  verify(agent: AgentName, verification: NewVerification): Promise<Verified>;

  /** Keeps verifications that were reported elsewhere, each of them unless it is here already, and says what became of each. */
  mergeVerifications(agent: AgentName, verifications: readonly NewVerification[]): Promise<MergeResult[]>;

  /** What `mergeVerifications` would do with these. Adds nothing. */
  previewVerifications(agent: AgentName, verifications: readonly NewVerification[]): Promise<MergeResult[]>;

  /** What is live in an agent's history; empty for an agent that nobody has heard of. Does not read the history. */
  overview(agent: AgentName): Promise<VerifiedOverview>;

  /** The same over the runs that a filter picks. Reads the whole history, run by run. */
  overviewOf(agent: AgentName, filter: ExecutionFilter): Promise<VerifiedOverview>;

  /** Runs that a filter picks, newest first: in the reverse order of the log. */
  page(agent: AgentName, request: PageRequest): Promise<Page>;

  /**
   * Hands over the live runs that a filter picks, oldest first: in the order of the log, as it stands now. They come some
   * at a time, the next ones once `use` has dealt with those, and are not held in memory. What `use` throws is thrown.
   */
  scan(agent: AgentName, filter: ExecutionFilter, use: (runs: readonly ScannedRun[]) => Promise<void>): Promise<void>;

  /** The run with this id, unless it has expired. */
  find(agent: AgentName, id: string): Promise<Execution | undefined>;

  /** Those of some idempotency keys under which a live run is on record. Does not read the history. */
  usedKeys(agent: AgentName, keys: readonly string[]): Promise<ReadonlySet<string>>;

  /**
   * Every agent that has a log, or of which nobody may look whether it has, by name in code point order; with a name,
   * those that differ from it in case or spelling at most.
   */
  listAgents(like?: string): Promise<AgentName[]>;

  /** Those that are not listed because something else stands in the place of their log or folder, such as a link. */
  unsafeAgents(): Promise<AgentName[]>;

  /**
   * When the log of each of these was last written to, in ms, told from outside: for choosing whom to read first.
   * `undefined` for those whose log cannot be read, or not be looked at.
   */
  lastChanges(): Promise<ReadonlyMap<AgentName, number | undefined>>;

  /**
   * A text that differs once runs or verifications of an agent, or without a name those of any agent, were added or taken out,
   * by whichever process. Costs a look at each file from outside, and fails for no file that it finds.
   */
  changeToken(agent?: AgentName): Promise<string>;

  /**
   * Takes out of the log what has expired by the clock; an append does so only as far as the last runs in the log agree
   * with the clock. Lines that hold no readable run stay where they are, byte for byte.
   */
  prune(agent: AgentName, onProgress?: OnBytes): Promise<Pruned>;

  /**
   * Puts the log in the order of time: figures such as the trend go by the order of the lines. Runs of one instant stay
   * as they stand, and one that does not say its time behind the one before it. Gives whether any moved.
   */
  sortByTime(agent: AgentName): Promise<boolean>;

  /** Sets a damaged log right: what cannot be read moves, byte for byte, to the quarantine beside the log. */
  repair(agent: AgentName, onProgress?: OnBytes): Promise<Repaired>;

  /** Every damaged line of the log, then of the verifications, in order. */
  damage(agent: AgentName): Promise<DamagedLine[]>;

  /** Waits for calls under way. Later calls fail with `CLOSED`. Closing again is harmless. */
  close(): Promise<void>;
}

/** Told while a large file is gone through: how many bytes of how many are done. */
export type OnBytes = (doneBytes: number, totalBytes: number) => void;

export interface NewRun {
  /** The complete record, as it is to stand in the log. */
  readonly record: JsonObject;
  /** The part of it that the caller gave, for comparing a repeated report with the first. */
  readonly reported: JsonObject;
  /** Of a run that was recorded elsewhere, and may be here already. */
  readonly origin?: RunOrigin | undefined;
}

/**
 * A run from elsewhere is known by its key, by its id, or where it has neither by what it says: then a log that holds
 * some copies gets as many more as another source has, and no log gets the same source twice.
 */
export interface RunOrigin {
  /** The record as JSON on one line. So it is to stand in the log, with numbers as its writer wrote them. */
  readonly text: string;
  /** How many runs without key and id stand before it in its source that say the same. */
  readonly earlierCopies: number;
}

export interface Appended {
  /** The run as it stands in the log: the first one where the report was a repetition. */
  readonly execution: Execution;
  readonly duplicate: boolean;
  readonly overview: Overview;
  /** What ADR-004 calls the summary, of that overview. */
  readonly summary: Summary;
}

export type Preview =
  | { readonly kind: "new" }
  | { readonly kind: "duplicate" }
  | { readonly kind: "refused"; readonly error: KaizenError };

export interface Overview {
  readonly view: HistoryView;
  /** Lines of the log in which something could not be read. */
  readonly damagedLines: number;
}

/** With what verifications found of the same runs; their damaged lines are counted in. */
export interface VerifiedOverview extends Overview {
  readonly verified: VerifiedView;
}

/** What a verification found, as it is to be kept; what its run said of itself is added by the store. */
export type NewVerification = Omit<Verification, "agent" | "claimed" | "executed_at" | "earlier">;

export interface Verified {
  /** The run with all that counts of its verifications now. */
  readonly run: VerifiedRun;
  readonly overview: VerifiedOverview;
}

export interface PageRequest {
  readonly filter: ExecutionFilter;
  readonly limit: number;
  /** Where the page before ended, as its `nextCursor` said. */
  readonly cursor?: string | undefined;
}

export interface Page {
  readonly executions: Execution[];
  readonly nextCursor: string | undefined;
}

export interface ScannedRun {
  readonly execution: Execution;
  /** The record as JSON on one line, with numbers as its writer wrote them. */
  readonly text: string;
  /** What verifications found of it, in the order in which they were reported. */
  readonly verifications: readonly Verification[];
}

export interface Pruned {
  readonly removed: number;
  readonly kept: number;
}

export interface Repaired {
  /** Lines moved to the quarantine, and lines that were split or cleaned so that every reader understands them. */
  readonly quarantined: number;
  readonly mended: number;
}

export interface DamagedLine {
  /** The name of the file, in the agent's folder. */
  readonly file: string;
  /** The line's number in the file, from 1. */
  readonly line: number;
  /** Where it begins, in bytes. */
  readonly offset: number;
  readonly reason: string;
  /** Whether something in it could not be read. Otherwise every run in it counts. */
  readonly lost: boolean;
}
