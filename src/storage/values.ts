import type { EventJournal } from "../adr004/catalogue.ts";
import type { Advice } from "../domain/coaching/merge-recommendations.ts";
import type { ObservedRuns } from "../domain/coverage/observed-runs.ts";
import type { EvidenceView } from "../domain/evidence/evidence-history.ts";
import type { Summary } from "../domain/figures/summary.ts";
import type { HistoryView } from "../domain/history/history.ts";
import type { AgentName } from "../domain/run/agent-name.ts";
import type { Execution } from "../domain/run/execution.ts";
import type { ExecutionFilter } from "../domain/run/filter.ts";
import type { Counts } from "../domain/statistics/statistics.ts";
import type { JsonObject } from "../domain/text/json.ts";
import type { MergeResult } from "../domain/verification/merge-verifications.ts";
import type { Standing, Verification, VerifiedRun, Verifier } from "../domain/verification/verification.ts";
import type { VerifiedView } from "../domain/verification/verified-view.ts";
import type { KaizenError } from "../errors.ts";

// What goes through the ports, and what comes back.

export type { Advice } from "../domain/coaching/merge-recommendations.ts";

export interface NewRun {
  /** The complete record, as it is to be kept. */
  readonly record: JsonObject;
  /** The part of it that the caller gave, for comparing a repeated report with the first. */
  readonly reported: JsonObject;
  /** Only of a run that was recorded elsewhere, and may be here already. */
  readonly origin?: RunOrigin | undefined;
}

/**
 * A run from elsewhere is known by its key, by its id, or if it has neither by what it says. A store that holds some
 * copies of it then gets as many more as another source has, and no store gets the same source twice.
 */
export interface RunOrigin {
  /** The record as JSON on one line, with numbers as its writer wrote them. `scan` gives it back like that. */
  readonly text: string;
  /** How many runs without key and id come before it in its source and say the same. */
  readonly earlierCopies: number;
}

export interface DryRunOption {
  /** Says what would happen if the same came now, and keeps nothing. */
  readonly dryRun?: boolean;
}

/** What became of runs that came together. */
export interface Appended {
  /** One for each run, in their order. */
  readonly results: readonly AppendResult[];
  /** What is live after them; after a dry run, what is live without them. */
  readonly overview: Overview;
  /** What ADR-004 calls the summary, of that overview. */
  readonly summary: Summary;
}

export type AppendResult =
  /** `execution` is the run that is on record: the first one if the report repeats it. */
  | { readonly kind: "new" | "duplicate"; readonly execution: Execution }
  /** `KEY_CONFLICT`, or `INVALID_ARGUMENT` for a record that does not say whether the run succeeded. */
  | { readonly kind: "refused"; readonly error: KaizenError };

/** A line of another store's file, as it is to be kept. */
export interface ForeignLine {
  /** JSON on one line. */
  readonly text: string;
  /** How many lines before it in its file are the same. A store that holds some then gets as many more as the file has. */
  readonly earlierCopies: number;
}

/** What a verification found, as it is to be kept; the store adds what the run said of itself. */
export interface NewVerification
  extends Omit<Verification, "agent" | "claimed" | "executed_at" | "earlier" | "earlier_unproven"> {
  /**
   * Only where whole histories are moved: its line in the file that it comes from. It is kept as it stands there if it says
   * of its run what this store would say; else by the rule for verifications from elsewhere, in words of this store.
   */
  readonly origin?: ForeignLine | undefined;
}

export interface VerifyOptions extends DryRunOption {
  /**
   * For verifications that were reported elsewhere: each is kept only if it is not here yet, and if its verifier has not
   * looked again since.
   */
  readonly fromElsewhere?: boolean;
}

export type VerifyResult =
  /** `run` has all that is said of it now. One that was reported here is always `new`. */
  | {
      readonly kind: MergeResult;
      readonly run: VerifiedRun /** Not as its line had it. */;
      readonly isRewritten?: boolean;
    }
  /**
   * `NOT_FOUND`: there is no live run of this id. `INVALID_ARGUMENT`: there are several, which say exactly the same, and the
   * verification is neither from elsewhere nor takes one back.
   */
  | { readonly kind: "refused"; readonly error: KaizenError };

export interface Overview {
  readonly view: HistoryView;
  /** How much of what is kept could not be read, in pieces: what is set aside, counted and named. */
  readonly unreadable: number;
}

/** An overview with what verifications found of the same runs. */
export interface VerifiedOverview extends Overview {
  readonly verified: VerifiedView;
}

/** The live runs of a UTC day, by the outcomes that count. */
export interface DayOutcomes extends Counts {
  /** Days since 1970-01-01. */
  readonly day: number;
  /** How many of them a verification decides. */
  readonly verified: number;
}

export interface PageRequest {
  readonly filter: ExecutionFilter;
  readonly limit: number;
  /** Where the page before ended, as its `nextCursor` said. */
  readonly cursor?: string | undefined;
  /** Looks at about so many runs. If there are more, the page may be short, or empty, and its cursor goes on from there. */
  readonly budget?: number | undefined;
  /** Ends the call with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface Page {
  readonly executions: Execution[];
  /** What verifications found of those runs that have any, by execution id, in the order in which they were reported. */
  readonly verifications: ReadonlyMap<string, readonly Verification[]>;
  readonly nextCursor: string | undefined;
  /** How many runs were looked at, if the request has a budget. */
  readonly searched?: number;
}

export interface ScannedRun {
  readonly execution: Execution;
  /** The record as JSON on one line, with numbers as its writer wrote them. */
  readonly text: string;
  /** What verifications found of it, in the order in which they were reported. */
  readonly verifications: readonly Verification[];
}

/** A run with what verifications found of it, in the order in which they were reported. */
export type FoundRun = Pick<ScannedRun, "execution" | "verifications">;

/** A run that was looked up by its id. */
export interface CalledRun extends FoundRun {
  /** Other live runs say exactly the same, and so have its id too. */
  readonly isOneOfSeveral: boolean;
}

export interface ListOptions {
  readonly like?: string | undefined;
  readonly times?: boolean;
}

export interface ListedAgent {
  readonly name: AgentName;
  /** When anything of it was last kept, in ms: for choosing whom to read first. `undefined` if it cannot be looked at. */
  readonly lastChange: number | undefined;
  /** When its last run ended, in ms; only if it was asked for, and the engine can tell without reading the history. */
  readonly lastRun?: number | undefined;
}

export interface Pruned {
  readonly removed: number;
  readonly kept: number;
}

/** Told during long work: how much of how much is done. */
export type OnDone = (done: number, total: number) => void;

/** Which run is to be voided, by whom, when and why. */
export interface NewVoiding extends Standing {
  readonly id: string;
  readonly by: Verifier;
  readonly reason: string;
  readonly timestamp: string;
}

export interface VoidedRun extends NewVoiding {
  readonly agent: AgentName;
  readonly execution: Execution;
  /** What verifications found of it, in the order in which they were reported. */
  readonly verifications: readonly Verification[];
}

/** The files beside the log whose lines a store may take in as they stand. */
export type ReceivedJournal = EventJournal | "voided";

/** What became of a line: an outdated one says of a run what a later line of the same run does not. */
export type Received = "new" | "present" | "outdated";

/** What was moved to another agent, or removed. */
export interface Moved {
  /** Lines of the log. */
  readonly runs: number;
  /** Pieces of advice. */
  readonly advice: number;
}

export interface LifecycleOverview {
  readonly seen: ObservedRuns;
  /** As in an overview of runs. */
  readonly unreadable: number;
}

export interface EvidenceOverview {
  readonly seen: EvidenceView;
  /** As in an overview of runs. */
  readonly unreadable: number;
}

/** The JSON of entries and events, each on one line. So they are to be kept, with numbers as their writers wrote them. */
export type ForeignTexts = ReadonlyMap<object, string>;

export interface ReadAdvice extends Advice {
  /** As in an overview of runs. */
  readonly unreadable: number;
}
