import { join } from "node:path";
import * as z from "zod";
import { adr004Files } from "../../../adr004/catalogue.ts";
import { decodeVerification, isExpiredVerification, NO_VERIFICATION } from "../../../adr004/verification-line.ts";
import {
  addVerifiedRun,
  emptyVerifiedHistory,
  forgetFirst,
  type VerifiedHistory,
} from "../../../domain/history/verified-history.ts";
import { hasExpired } from "../../../domain/run/retention.ts";
import { saidOf } from "../../../domain/verification/verification.ts";
import {
  isSavedVerifiedHistory,
  type SavedVerifiedHistory,
  savedVerifiedHistory,
  verifiedHistoryOf,
} from "../../shared/saved-verified-history.ts";
import type { FileSystem } from "../files/file-system.ts";
import { type Fingerprint, fingerprintSchema, hasOnlyGrown, NOTHING_READ } from "../projection/fingerprint.ts";
import type { Fold } from "../projection/fold.ts";
import type { SnapshotFormat } from "../projection/snapshot.ts";
import type { LogView } from "../run-view/log-view.ts";
import { type OpenVerifications, placeVerification } from "./verified-day.ts";

/** What an agent's verifications say, as far as they were read, and of which log. */
export interface VerifiedState {
  /** The log as it stood then: in another one other runs may be missing. */
  log: Fingerprint;
  readonly history: VerifiedHistory;
  /** How many verifications were read, and how many of those had expired by then. */
  lines: number;
  expiredLines: number;
  /** The latest cutoff (ms) at which a verification was passed over, for its run may have fallen to it. */
  expiredCutoff: number;
}

export type VerificationLine = ReturnType<typeof decodeVerification>;

/** A verification counts only if its run is in the log, and the log is believed as to what the run claimed and when it ended. */
export function verificationFold(
  fileSystem: FileSystem,
  view: LogView,
): Fold<VerifiedState, VerificationLine, OpenVerifications> {
  return {
    empty: () => ({
      log: NOTHING_READ,
      history: emptyVerifiedHistory(),
      lines: 0,
      expiredLines: 0,
      expiredCutoff: Number.NEGATIVE_INFINITY,
    }),
    decode: decodeVerification,
    damageIn: (verification) => (verification === undefined ? NO_VERIFICATION : undefined),
    add(state, verification, start, open) {
      if (verification === undefined || verification === "blank") return;
      const { history } = state;
      const known = history.latest.get(verification.execution_id);
      state.lines += 1;
      if (isExpiredVerification(verification, open.cutoff)) state.expiredLines += 1;
      const after = placeVerification(view, open.log, known, verification);
      if (after === undefined || hasExpired(after.at, open.cutoff)) {
        // Of a run that the log does not have nothing says whether it has expired there.
        state.expiredCutoff = Math.max(state.expiredCutoff, open.cutoff);
        return;
      }
      // A run that was dropped was counted, as its verification says; any other that is not known was not.
      const { earlier, earlier_unproven } = verification;
      const wasDropped =
        after.place <= history.forgottenPlace && Object.keys({ ...earlier, ...earlier_unproven }).length > 0;
      const { unproven: _, ...run } = after;
      const before = known ?? (wasDropped ? { ...run, ...saidOf(earlier, earlier_unproven) } : undefined);
      addVerifiedRun(history, { before, after }, start);
    },
    holds: (state, open) => state.expiredCutoff <= open.cutoff && hasOnlyGrown(fileSystem, open.log, state.log),
    end(state) {
      // Only now: while a file is read from its start every run of it is known, so that no verification is counted twice.
      forgetFirst(state.history);
      state.log = view.fingerprint;
    },
  };
}

const countSchema = z.int().min(0);

export function verificationSnapshot(indexFolder: string): SnapshotFormat<VerifiedState> {
  return {
    path: join(indexFolder, adr004Files.agent.journals.verifications.snapshot),
    version: 6,
    dueBytes: 128 * 1024,
    schema: () =>
      z
        .object({
          log: fingerprintSchema,
          lines: countSchema,
          expiredLines: countSchema,
          expiredCutoff: z.number().nullable(),
          history: z.custom<SavedVerifiedHistory>(isSavedVerifiedHistory),
        })
        .transform(({ expiredCutoff, history, ...state }) => ({
          ...state,
          history: verifiedHistoryOf(history),
          expiredCutoff: expiredCutoff ?? Number.NEGATIVE_INFINITY,
        })),
    // JSON has no infinity: it comes out as `null`.
    encode: ({ history, ...counters }) => ({
      ...counters,
      history: savedVerifiedHistory(history),
    }),
  };
}
