import { decodeVerification } from "../../../adr004/verification-line.ts";
import {
  countRun,
  emptyVerifiedTally,
  type PlacedRun,
  type VerifiedDay,
  type VerifiedTally,
} from "../../../domain/history/verified-history.ts";
import { hasExpired } from "../../../domain/run/retention.ts";
import { addVerification, saidOf, type Verification } from "../../../domain/verification/verification.ts";
import type { FileSystem } from "../files/file-system.ts";
import { forEachLine, readLineAt } from "../journal/lines.ts";
import type { LogView } from "../run-view/log-view.ts";

/** The log and the file of its verifications, both open. The log's view has caught up, later than `verificationsEnd` was looked up. */
export interface OpenVerifications {
  readonly log: number;
  readonly verifications: number;
  /** Where the file of verifications ended before the log was caught up with: the run of each verification is in the log then. */
  readonly verificationsEnd: number;
  readonly cutoff: number;
}

/** A run with one more check, as the log has it; `undefined` if the log has it no more. */
export function placeVerification(
  view: LogView,
  log: number,
  known: PlacedRun | undefined,
  verification: Verification,
): PlacedRun | undefined {
  const said = addVerification(known, verification);
  const { unproven, verifications } = said;
  if (known !== undefined) {
    const { unproven: _, ...run } = known;
    return { ...run, ...saidOf(verifications, unproven) };
  }
  const located = view.locateById(log, verification.execution_id);
  if (located === undefined) return undefined;
  const { success, timestamp, at } = located.execution;
  const run = { ...said, claimed: success, executedAt: timestamp, place: located.place };
  return at === undefined ? run : { ...run, at };
}

/** The checked runs of the one day that retention cuts through, read one by one. */
export class VerifiedDayTally {
  readonly #fileSystem: FileSystem;
  readonly #view: LogView;
  #known:
    | { readonly day: VerifiedDay; readonly ofVerifications: number; readonly runs: readonly PlacedRun[] }
    | undefined;

  constructor(fileSystem: FileSystem, view: LogView) {
    this.#fileSystem = fileSystem;
    this.#view = view;
  }

  /** Counts those that are live. */
  async count(open: OpenVerifications, day: VerifiedDay): Promise<VerifiedTally> {
    if (this.#known?.day !== day || this.#known.ofVerifications !== day.verifications) {
      this.#known = { day, ofVerifications: day.verifications, runs: await this.#read(open, day) };
    }
    const tally = emptyVerifiedTally();
    for (const run of this.#known.runs) if (!hasExpired(run.at, open.cutoff)) countRun(tally, run, 1);
    return tally;
  }

  async #read(open: OpenVerifications, day: VerifiedDay): Promise<PlacedRun[]> {
    const runs = new Map<string, PlacedRun>();
    const to = day.lastPlace + readLineAt(this.#fileSystem, open.verifications, day.lastPlace).length + 1;
    await forEachLine(this.#fileSystem, open.verifications, { from: day.firstPlace, to }, (bytes) => {
      const verification = decodeVerification(bytes);
      if (verification === undefined || verification === "blank") return;
      const run = placeVerification(this.#view, open.log, runs.get(verification.execution_id), verification);
      if (run?.at !== undefined && run.at >= day.earliestAt && run.at <= day.latestAt) runs.set(run.executionId, run);
    });
    return [...runs.values()];
  }
}
