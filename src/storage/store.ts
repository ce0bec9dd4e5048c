import type { RecommendationEvent } from "../domain/coaching/recommendation.ts";
import type { NewLifecycleEvent, ObservedRun } from "../domain/coverage/lifecycle-event.ts";
import type { NewEvidence, RunEvidence } from "../domain/evidence/evidence.ts";
import type { AgentName } from "../domain/run/agent-name.ts";
import type { ExecutionFilter } from "../domain/run/filter.ts";
import type { JsonObject } from "../domain/text/json.ts";
import type { Verifier } from "../domain/verification/verification.ts";
import type { Moving, Network, Ordering, Receiving, Retention, Voiding } from "./capabilities.ts";
import type { StoreFiles } from "./health.ts";
import type {
  Advice,
  Appended,
  CalledRun,
  DayOutcomes,
  DryRunOption,
  EvidenceOverview,
  ForeignTexts,
  FoundRun,
  LifecycleOverview,
  ListedAgent,
  ListOptions,
  NewRun,
  NewVerification,
  Page,
  PageRequest,
  ReadAdvice,
  ScannedRun,
  VerifiedOverview,
  VerifyOptions,
  VerifyResult,
} from "./values.ts";

export type * from "./capabilities.ts";
export type * from "./health.ts";
export type * from "./values.ts";

/**
 * What the use cases need of an engine: four ports that every engine has, and groups of functions that it has if it can.
 * The contract suite holds every engine to the promises below, and skips the groups that one lacks.
 *
 * A method fails with a `KaizenError`: `INVALID_AGENT`, `UNSAFE_PATH`, `DISK_FULL`, `READ_ONLY`, `LOCK_TIMEOUT`,
 * `IO_ERROR`, `STORE_UNREACHABLE`, `STORE_VERSION`, `CLOSED`. After an error the call has kept nothing, and a later one
 * works once the cause is gone. There is one exception, of an engine behind a network: a `STORE_UNREACHABLE` whose message
 * says that something may or may not be recorded. The same call is safe then if its runs have keys.
 */
export interface Store {
  readonly runs: RunStore;
  readonly lifecycle: LifecycleStore;
  readonly evidence: EvidenceStore;
  readonly advice: AdviceStore;
  /** Missing if the engine takes expired runs out by itself. */
  readonly retention?: Retention;
  /** Missing if the engine keeps runs in the order of time by itself. */
  readonly ordering?: Ordering;
  /** Missing if the engine cannot take a run back. */
  readonly voiding?: Voiding;
  /** Missing if the engine cannot move what is kept of an agent. */
  readonly moving?: Moving;
  /** Missing if the engine takes in of another store what its importer takes from everybody. */
  readonly receiving?: Receiving;
  /** Missing if the engine keeps no files of its own. */
  readonly files?: StoreFiles;
  /** Missing if the engine answers from this machine. */
  readonly network?: Network;
}

/**
 * Runs, and what independent verifications found of them.
 *
 * 1. A run that was acknowledged stays until retention drops it: through a crash, through any number of processes.
 * 2. A run is recorded once per idempotency key, also when several processes try at the same moment. The same report
 *    again gets the first run back; another report under the same key is refused with `KEY_CONFLICT`. A key is free again
 *    for a run that ended when the first one had expired: the timestamps of the two and the retention decide, and no clock
 *    does. If either does not say when it ended, the key stays taken.
 * 3. What is damaged is set aside, counted and named, and never stops the rest from being read.
 * 4. Reading takes no lock, writes nothing, and sees whole runs only.
 * 5. An expired run counts in no answer, whether it was taken out or not. Nor does a run that repeats it: that stays a
 *    duplicate.
 * 6. Calls that arrive together may share the cost of one write. Each is answered for itself.
 * 7. A verification stands beside its run and never changes it. One that was acknowledged stays as long as its run. Each
 *    is kept, and of each verifier the latest counts, whichever process reported it. It counts if its run counts.
 * 8. A run has the id that we gave it, or one that is made of what it says: the same in every store, and for every process.
 *    Runs that say exactly the same share theirs. What was said of it before there were several is kept, and counts once.
 */
export interface RunStore {
  /** Records runs, in this order: all that are not refused, or after an error none. */
  append(agent: AgentName, runs: readonly NewRun[], options?: DryRunOption): Promise<Appended>;

  /**
   * Keeps what verifications of live runs found, and gives a result for each. After an error they may be sent again: the
   * same verification by the same verifier changes no figure.
   */
  verify(
    agent: AgentName,
    verifications: readonly NewVerification[],
    options?: VerifyOptions,
  ): Promise<readonly VerifyResult[]>;

  /**
   * Whether the word of such a verifier counts if this process gives it. Missing if each does: the store then has no roles
   * for those whose word counts for more.
   */
  speaksFor?(verifier: Verifier): Promise<boolean>;

  /**
   * What is live of an agent; empty for an unknown one. Reads the history only if a filter picks by more than when a run
   * ended.
   */
  overview(agent: AgentName, filter?: ExecutionFilter): Promise<VerifiedOverview>;

  /** The live runs day by day, in order. A run that does not say its day is in none. Does not read the history. */
  days(agent: AgentName): Promise<readonly DayOutcomes[]>;

  /** Runs that a filter picks, latest first: in the reverse order of `scan`. */
  page(agent: AgentName, request: PageRequest): Promise<Page>;

  /**
   * The live runs that a filter picks, first one first, as they stand at the first step. They come some at a time and are
   * not held in memory. Leaving the loop early gives everything back. `close` waits for a loop that was begun.
   */
  scan(agent: AgentName, filter: ExecutionFilter): AsyncIterable<readonly ScannedRun[]>;

  /** Of the given idempotency keys, the ones that a live run has. Does not read the history. */
  existingKeys(agent: AgentName, keys: readonly string[]): Promise<ReadonlySet<string>>;

  /** The live runs on record under some idempotency keys, by key. Reads the verifications, and not the history. */
  lookUp(agent: AgentName, keys: readonly string[]): Promise<ReadonlyMap<string, FoundRun>>;

  /** The live run of an id: the first of those that say exactly the same. Reads the verifications, and not the history. */
  find(agent: AgentName, id: string): Promise<CalledRun | undefined>;

  /** Every agent that has runs, by name in code point order; with `like`, those that differ from it in case or spelling at most. `times`: with `lastRun`, if the engine can. */
  listAgents(options?: ListOptions): Promise<readonly ListedAgent[]>;

  /** A text that differs once runs or verifications of an agent, or without a name those of any, came or went. Costs little. */
  changeToken(agent?: AgentName): Promise<string>;

  /** Waits for calls under way. Later calls fail with `CLOSED`. Closing again is harmless. */
  close(): Promise<void>;
}

/**
 * What hooks of a client saw of runs, whether or not an agent reported them. It stands beside the runs, and makes none.
 *
 * 1. A lifecycle event that was acknowledged stays until retention drops its run.
 * 2. A run is counted once, however often and by however many processes it is seen, as long as no thousand other runs of
 *    its agent were first seen since.
 * 3. That a run has ended, and that a report of it was seen, is never taken back. An end without a beginning counts for both.
 * 4. Runs expire with the whole UTC day on which they were first seen. One that is seen again after that is another.
 * 5. Reading keeps what is promised for runs, and does not read the history.
 */
export interface LifecycleStore {
  /** Keeps what was seen, also if it says nothing new. Gives all that is known of the run now. */
  observe(agent: AgentName, event: NewLifecycleEvent): Promise<ObservedRun>;

  /** What is live, or `undefined` if nothing of the agent was ever seen. */
  overview(agent: AgentName): Promise<LifecycleOverview | undefined>;

  /** What is known of one of the last runs, unless it has expired. */
  find(agent: AgentName, key: string): Promise<ObservedRun | undefined>;

  /** Every agent of which anything was ever seen; otherwise as for runs. */
  listAgents(options?: { readonly like?: string | undefined }): Promise<readonly ListedAgent[]>;

  /** A text that differs once anything new was seen of an agent, or without a name of any. */
  changeToken(agent?: AgentName): Promise<string>;

  /** As for runs. */
  close(): Promise<void>;
}

/**
 * What is known of runs beyond their claims, whether or not an agent reported them. It stands beside the runs, and makes
 * none. It has counts, hashes and words of this program: text that an agent or a user wrote has no place in it.
 *
 * 1. Facts that were acknowledged stay until retention drops their run. Later facts take the place of earlier ones of the
 *    same name, and no others.
 * 2. A run is counted once, however often and by however many processes it is noted, as long as no thousand other runs of
 *    its agent were first seen since. What was counted of it before is taken out again, to the last digit.
 * 3. When a run was first seen is never changed. That it has ended is never taken back.
 * 4. Runs expire with the whole UTC day on which they were first seen. One that is noted again after that is another. Facts
 *    of a run that has expired already are not kept.
 * 5. Facts that a later version of this program wrote are no damage, and stay.
 * 6. Reading keeps what is promised for runs, and does not read the history.
 */
export interface EvidenceStore {
  /** Keeps facts, unless they say nothing new. Gives all that is known of the run now. */
  note(agent: AgentName, evidence: NewEvidence): Promise<RunEvidence>;

  /** What is live, or `undefined` if nothing of the agent was ever noted. */
  overview(agent: AgentName): Promise<EvidenceOverview | undefined>;

  /** What is known of one of the last runs, unless it has expired. */
  find(agent: AgentName, key: string): Promise<RunEvidence | undefined>;

  /** Every agent of which anything was ever noted; otherwise as for runs. */
  listAgents(options?: { readonly like?: string | undefined }): Promise<readonly ListedAgent[]>;

  /** A text that differs once anything new was noted of an agent, or without a name of any. */
  changeToken(agent?: AgentName): Promise<string>;

  /** As for runs. */
  close(): Promise<void>;
}

/**
 * What an optimizer leaves behind, and what became of it. The latest report replaces the one before. Advice is only ever
 * added, and stays through a crash and any number of processes. What cannot be read hides nothing else.
 */
export interface AdviceStore {
  /**
   * Replaces the report: a reader sees the old one or the new one, whole. The advice that comes with it is added first;
   * if either fails, both are as they were. After a crash the advice may be there without its report. Gives the name of
   * what was written. `text` is the JSON of a report from elsewhere, as its writer wrote it.
   */
  writeAnalysis(report: JsonObject, advice?: Advice, text?: string): Promise<string>;

  /** The latest report, or `undefined` if there is none. Fails with `IO_ERROR` if what is there is no report. */
  readAnalysis(): Promise<JsonObject | undefined>;

  /** Every entry and every event that can be read, oldest first. */
  readAdvice(): Promise<ReadAdvice>;

  /** Adds what is not here yet of the advice of another store, all of it or none, and gives what that was. */
  merge(advice: Advice, texts?: ForeignTexts): Promise<Advice>;

  /**
   * Adds the event that `decide` makes of the advice as it stands, if it makes one; no other writer adds one in between.
   * What `decide` throws is thrown, and nothing is added. Gives the advice as it stands then.
   */
  change(decide: (advice: Advice) => RecommendationEvent | undefined): Promise<ReadAdvice>;

  /** A text that differs once any of this was written, by whichever process. */
  changeToken(): Promise<string>;
}
