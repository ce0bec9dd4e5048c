import { addToHistory, emptyHistory, type History } from "../../../domain/history/history.ts";
import {
  addVerifiedRun,
  emptyVerifiedHistory,
  forgetFirst,
  type PlacedRun,
  type VerifiedHistory,
} from "../../../domain/history/verified-history.ts";
import { type Execution, isOwnId } from "../../../domain/run/execution.ts";
import { parseJson } from "../../../domain/text/json.ts";
import { addVerification, saidOf, type Verification } from "../../../domain/verification/verification.ts";
import { isCount, objectOf } from "../../shared/form.ts";
import { historyOf, isSavedHistory, type SavedHistory, savedHistory } from "../../shared/saved-history.ts";
import {
  isSavedVerifiedHistory,
  type SavedVerifiedHistory,
  savedVerifiedHistory,
  verifiedHistoryOf,
} from "../../shared/saved-verified-history.ts";
import { type KeptVerification, readVerification } from "./kept-verification.ts";

/** What an agent's runs and their verifications say, as far as they were read: by number, for numbers are in the order of commits. */
export interface FoldedRuns {
  /** Which history this is of: it is another one once anything was taken out of it, or put in between. */
  epoch: number;
  seq: number;
  check: number;
  readonly history: History;
  readonly verified: VerifiedHistory;
  /** Records that no version of this program has written. */
  unreadable: number;
  /** Where the last runs stand, by id; some may be missing. */
  readonly places: Map<string, number>;
}

/** So many places are kept in mind: some more than the runs that are told apart in any figure. */
const KEPT_PLACES = 600;

export function nothingFolded(epoch: number): FoldedRuns {
  return {
    epoch,
    seq: 0,
    check: 0,
    history: emptyHistory(),
    verified: emptyVerifiedHistory(),
    unreadable: 0,
    places: new Map(),
  };
}

/** A verification with its run: where that stands, and when it ended. */
export interface PlacedVerification extends KeptVerification {
  readonly seq: number;
  readonly place: number;
  readonly at: number | undefined;
}

export function foldRun(folded: FoldedRuns, execution: Execution | undefined, seq: number): void {
  if (execution === undefined) folded.unreadable += 1;
  else {
    addToHistory(folded.history, execution, seq);
    // Of those that say exactly the same the first counts by their id.
    if (isOwnId(execution.id) || !folded.places.has(execution.id)) folded.places.set(execution.id, seq);
  }
  folded.seq = seq;
}

/** A verification says all that was said of its run before, so that none of those has to be known. */
export function foldVerification(folded: FoldedRuns, placed: PlacedVerification): void {
  folded.check = placed.seq;
  const verification = readVerification(placed);
  if (verification === undefined) {
    folded.unreadable += 1;
    return;
  }
  addVerifiedRun(folded.verified, changeBy(placed, verification), placed.seq);
}

/** After some were folded: so many runs are known one by one as are needed. */
export function endFolding(folded: FoldedRuns): void {
  forgetFirst(folded.verified);
  for (const id of folded.places.keys()) {
    if (folded.places.size <= KEPT_PLACES) break;
    folded.places.delete(id);
  }
}

/** What a verification makes of its run. */
function changeBy({ at, place }: PlacedVerification, verification: Verification) {
  const { earlier, earlier_unproven } = verification;
  const said = addVerification(undefined, verification);
  const after: PlacedRun = at === undefined ? { ...said, place } : { ...said, place, at };
  const { unproven: _, ...run } = after;
  const isFirst = Object.keys({ ...earlier, ...earlier_unproven }).length === 0;
  return { before: isFirst ? undefined : { ...run, ...saidOf(earlier, earlier_unproven) }, after };
}

/** To be raised with every change of the form, or of how a record is read. Older and newer programs keep forms of their own. */
export const FOLD_FORMAT = "runs-3";

interface SavedFold {
  readonly check: number;
  readonly unreadable: number;
  readonly history: SavedHistory;
  readonly verified: SavedVerifiedHistory;
}

const isSavedFold = objectOf<SavedFold>({
  check: isCount,
  unreadable: isCount,
  history: isSavedHistory,
  verified: isSavedVerifiedHistory,
});

export function encodeFold({ check, history, unreadable, verified }: FoldedRuns): string {
  const saved: SavedFold = {
    check,
    unreadable,
    history: savedHistory(history),
    verified: savedVerifiedHistory(verified),
  };
  return JSON.stringify(saved);
}

/** What was saved, if it is of a form that can be: it can be made again. */
export function decodeFold(text: string, { epoch, seq }: { epoch: number; seq: number }): FoldedRuns | undefined {
  const saved: unknown = parseJson(text);
  if (!isSavedFold(saved)) return undefined;
  const { check, history, unreadable, verified } = saved;
  const folded = { history: historyOf(history), verified: verifiedHistoryOf(verified) };
  return { epoch, seq, check, unreadable, places: new Map(), ...folded };
}
