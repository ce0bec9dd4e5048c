import { decodeCheck } from "../../../adr004/verification-line.ts";
import {
  countRun,
  emptyVerifiedTally,
  type PlacedRun,
  type VerifiedDay,
  type VerifiedTally,
} from "../../../domain/figures/verified-history.ts";
import { idIdentity } from "../../../domain/run/execution.ts";
import { hasExpired } from "../../../domain/run/retention.ts";
import { addVerification, type Verification } from "../../../domain/verification/verification.ts";
import type { FileSystem } from "../files/file-system.ts";
import { forEachLine, readLineAt } from "../journal/lines.ts";
import type { LogView } from "../runs/log-view.ts";

/** The log and the file of its checks, both open. The log's view has caught up, later than `checksEnd` was looked up. */
export interface OpenChecks {
  readonly log: number;
  readonly checks: number;
  /** Where the file of checks ended before the log was caught up with: the run of each check is in the log then. */
  readonly checksEnd: number;
  readonly cutoff: number;
}

/** A run with one more check, as the log has it; `undefined` where the log has it no more. */
export function placeCheck(
  view: LogView,
  log: number,
  known: PlacedRun | undefined,
  check: Verification,
): PlacedRun | undefined {
  const { checks } = addVerification(known, check);
  if (known !== undefined) return { ...known, checks };
  const located = view.locate(log, idIdentity(check.execution_id));
  if (located === undefined) return undefined;
  const { success, timestamp, at } = located.execution;
  const run = { executionId: check.execution_id, claimed: success, executedAt: timestamp, checks };
  return at === undefined ? { ...run, place: located.place } : { ...run, at, place: located.place };
}

/** The checked runs of the one day that retention cuts through, read one by one. */
export class CheckedDay {
  readonly #fileSystem: FileSystem;
  readonly #view: LogView;
  #known: { readonly day: VerifiedDay; readonly ofChecks: number; readonly runs: readonly PlacedRun[] } | undefined;

  constructor(fileSystem: FileSystem, view: LogView) {
    this.#fileSystem = fileSystem;
    this.#view = view;
  }

  forget(): void {
    this.#known = undefined;
  }

  /** Counts those that are live. */
  async count(open: OpenChecks, day: VerifiedDay): Promise<VerifiedTally> {
    if (this.#known?.day !== day || this.#known.ofChecks !== day.checks) {
      this.#known = { day, ofChecks: day.checks, runs: await this.#read(open, day) };
    }
    const tally = emptyVerifiedTally();
    for (const run of this.#known.runs) if (!hasExpired(run.at, open.cutoff)) countRun(tally, run, 1);
    return tally;
  }

  async #read(open: OpenChecks, day: VerifiedDay): Promise<PlacedRun[]> {
    const runs = new Map<string, PlacedRun>();
    const to = day.lastPlace + readLineAt(this.#fileSystem, open.checks, day.lastPlace).length + 1;
    await forEachLine(this.#fileSystem, open.checks, { from: day.firstPlace, to }, (bytes) => {
      const check = decodeCheck(bytes);
      if (check === undefined || check === "blank") return;
      const run = placeCheck(this.#view, open.log, runs.get(check.execution_id), check);
      if (run?.at !== undefined && run.at >= day.earliestAt && run.at <= day.latestAt) runs.set(run.executionId, run);
    });
    return [...runs.values()];
  }
}
