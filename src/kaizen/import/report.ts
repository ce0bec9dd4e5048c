import type { ReceivedJournal } from "../../storage/store.ts";
import type { Place } from "./options.ts";

/** What an import could not take in, and where it stands. */
export interface ImportProblem {
  readonly kind: "damaged" | "conflict" | "refused" | "unknown_run" | "unsafe";
  readonly file: string;
  /** The line's number, from 1; `null` if it is about the file as a whole. */
  readonly line: number | null;
  readonly reason: string;
}

/** The first problem with a reason, and how many have that reason. */
export interface ImportProblems extends ImportProblem {
  readonly count: number;
}

export interface RunCounts {
  added: number;
  already_there: number;
  /** Older than runs are kept. */
  expired: number;
  /** Another run has the same key or id here. */
  conflicts: number;
  /** The source does not say whose they are, that name cannot be an agent's here, or they lie in the future. */
  refused: number;
}

export interface VerificationCounts {
  added: number;
  already_there: number;
  /** Their verifiers have looked again since. */
  outdated: number;
  expired: number;
  /** Their run is not here. */
  unknown_run: number;
  refused: number;
}

/** What became of lines that stand beside the log. */
export interface LineCounts {
  added: number;
  already_there: number;
  /** A later line of the same run says more. */
  outdated: number;
  expired: number;
}

export interface ImportReport {
  readonly dry_run: boolean;
  readonly runs: Readonly<RunCounts>;
  readonly verifications: Readonly<VerificationCounts>;
  readonly recommendations: { readonly added: number; readonly already_there: number };
  readonly recommendation_changes: { readonly added: number; readonly already_there: number };
  /** What stood beside the logs, where a whole history moves; left out else. */
  readonly beside?: Readonly<Record<ReceivedJournal, Readonly<LineCounts>>>;
  /** What became of the optimizer's report; `null` if there was none. */
  readonly analysis: "added" | "already_there" | "kept_ours" | null;
  /** Lines of any file of which something could not be read. */
  readonly damaged_lines: number;
  /** Agents whose logs were put in the order of time. */
  readonly reordered: readonly string[];
  /** What there was that does not come along, in sentences. */
  readonly left_out: readonly string[];
  /** The first ones. */
  readonly problems: readonly ImportProblem[];
  readonly unnamed_problems: number;
  /** All of them by their reason, so that one that is met thousands of times hides no other. The first reasons. */
  readonly problems_by_reason: readonly ImportProblems[];
}

const noLines: LineCounts = { added: 0, already_there: 0, outdated: 0, expired: 0 };
const NAMED_PROBLEMS = 100;
const NAMED_REASONS = 100;

/** The report while it is made. */
export class ImportTally {
  readonly runs: RunCounts = { added: 0, already_there: 0, expired: 0, conflicts: 0, refused: 0 };
  readonly verifications: VerificationCounts = {
    added: 0,
    already_there: 0,
    outdated: 0,
    expired: 0,
    unknown_run: 0,
    refused: 0,
  };
  readonly recommendations = { added: 0, already_there: 0 };
  readonly changes = { added: 0, already_there: 0 };
  readonly beside: Record<ReceivedJournal, LineCounts> = {
    lifecycle: { ...noLines },
    evidence: { ...noLines },
    voided: { ...noLines },
  };
  /** Lines that the store spells in another way. */
  rewritten = 0;
  analysis: ImportReport["analysis"] = null;
  damagedLines = 0;
  readonly #problems: ImportProblem[] = [];
  readonly #byReason = new Map<string, { readonly first: ImportProblem; count: number }>();
  #problemCount = 0;

  note(problem: ImportProblem): void {
    this.#problemCount += 1;
    if (this.#problems.length < NAMED_PROBLEMS) this.#problems.push(problem);
    const known = this.#byReason.get(problem.reason);
    if (known !== undefined) known.count += 1;
    else if (this.#byReason.size < NAMED_REASONS) this.#byReason.set(problem.reason, { first: problem, count: 1 });
    if (problem.kind === "damaged") this.damagedLines += 1;
  }

  refuse(what: "runs" | "verifications", place: Place, reason: string): void {
    this[what].refused += 1;
    this.note({ kind: "refused", ...place, reason });
  }

  report(more: Pick<ImportReport, "dry_run" | "reordered" | "left_out">, isMove: boolean): ImportReport {
    return {
      dry_run: more.dry_run,
      runs: this.runs,
      verifications: this.verifications,
      recommendations: this.recommendations,
      recommendation_changes: this.changes,
      ...(isMove ? { beside: this.beside } : {}),
      analysis: this.analysis,
      damaged_lines: this.damagedLines,
      reordered: more.reordered,
      left_out: more.left_out,
      problems: this.#problems,
      unnamed_problems: this.#problemCount - this.#problems.length,
      problems_by_reason: [...this.#byReason.values()].map(({ count, first }) => ({ ...first, count })),
    };
  }
}
