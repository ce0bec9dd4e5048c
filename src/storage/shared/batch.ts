import { ContentCounts, type ContentHash, contentHash } from "../../adr004/content-counts.ts";
import { readRun } from "../../adr004/run-line.ts";
import { type Execution, identitiesOf, isSameReport, keyIdentity } from "../../domain/run/execution.ts";
import { cutoffWhenEnded, hasExpired, type RetentionDays } from "../../domain/run/retention.ts";
import type { KaizenError } from "../../errors.ts";
import { unreadableRun, usedIdentity } from "../refusals.ts";
import type { NewRun } from "../store.ts";

/** What becomes of one of the runs that are appended together. */
export type Decision =
  | NewDecision
  | { readonly kind: "duplicate"; readonly execution: Execution }
  | { readonly kind: "refused"; readonly error: KaizenError };

export interface NewDecision {
  readonly kind: "new";
  readonly execution: Execution;
  readonly run: NewRun;
}

/** What the log knows. */
export interface BatchLookup {
  readonly retentionDays: RetentionDays;
  /** The last run with an identity that counts. It may have expired. */
  find(identity: string): Execution | undefined;
  /** How many runs without an identity say the same. Asked only about runs from elsewhere. */
  copies(content: ContentHash): number;
}

/** Decides in order about runs that are to be appended together. */
export function decideBatch(agent: string, runs: readonly NewRun[], log: BatchLookup): Decision[] {
  const accepted = new Map<string, Execution>();
  const acceptedContents = new ContentCounts();
  return runs.map((run): Decision => {
    const execution = readRun(run.record);
    if (execution === undefined) return { kind: "refused", error: unreadableRun() };
    const identities = run.origin === undefined ? keyIdentities(execution) : identitiesOf(execution);
    const cutoff = cutoffWhenEnded(execution, log.retentionDays);
    for (const identity of identities) {
      const first = accepted.get(identity) ?? log.find(identity);
      if (first === undefined || hasExpired(first.at, cutoff)) continue;
      if (isSameReport(first.record, run.reported)) return { kind: "duplicate", execution: first };
      return { kind: "refused", error: usedIdentity(agent, first, execution) };
    }
    for (const identity of identities) accepted.set(identity, execution);
    if (run.origin !== undefined && identities.length === 0) {
      const content = contentHash(run.record);
      const copies = log.copies(content) + acceptedContents.count(content);
      if (copies > run.origin.earlierCopies) return { kind: "duplicate", execution };
      acceptedContents.add(content);
    }
    return { kind: "new", execution, run };
  });
}

/** Of a run that is reported here the id was made up for it, so that nothing else can have it. */
function keyIdentities({ key }: Execution): string[] {
  return key === undefined ? [] : [keyIdentity(key)];
}

/** Whether the log's contents have to be known to decide. */
export function needsContents(runs: readonly NewRun[]): boolean {
  return runs.some(({ origin, record }) => {
    const execution = origin === undefined ? undefined : readRun(record);
    return execution !== undefined && identitiesOf(execution).length === 0;
  });
}
