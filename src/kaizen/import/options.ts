import type { AgentName } from "../../domain/run/agent-name.ts";
import type { RetentionDays } from "../../domain/run/retention.ts";
import type { NewVerification, RunStore, Store, VerifyResult } from "../../storage/store.ts";

/** What an import works with. */
export interface ImportOptions {
  readonly store: Store;
  /** The current instant in ms since 1970. */
  readonly now: () => number;
  readonly retentionDays: RetentionDays;
}

/** Where runs and verifications go: the store, or a dry run of it. */
export interface ImportTarget extends Pick<RunStore, "append"> {
  verify(
    agent: AgentName,
    verifications: readonly NewVerification[],
    options: { readonly fromElsewhere: true },
  ): Promise<readonly VerifyOutcome[]>;
}

export type VerifyOutcome = Pick<VerifyResult, "kind"> & { readonly isRewritten?: boolean };

/** What those parts of an import work with that add to the history of runs. */
export interface HistoryOptions extends Pick<ImportOptions, "now" | "retentionDays"> {
  readonly target: ImportTarget;
}

export interface ImportRequest {
  /** Under whose name everything is to come in, whatever its source says. */
  readonly agent?: string | undefined;
  readonly isDryRun: boolean;
  /** Whether nothing proves who brings it: then no verification that comes in counts in any figure. */
  readonly isUnproven?: boolean;
  /** Whether it is a store's whole history, which moves here: what stands beside the log comes along, line by line. */
  readonly isMove?: boolean;
  /** Whether voided runs are among what moves. */
  readonly hasVoided?: boolean;
  /** Told how many records were read. */
  readonly onProgress: (records: number) => void;
}

/** Where a line stands that is taken in, or is not. */
export interface Place {
  readonly file: string;
  /** The line's number, from 1. */
  readonly line: number;
}
