import { standingWords, type Verification } from "../domain/verification/verification.ts";

/** What a verifier says of a run, for programs. The evidence is text that an agent may have written, and is left out. */
export interface ShownWord {
  readonly verified_by: string;
  readonly success: boolean;
  readonly via?: string;
  /** The word counts in no figure. */
  readonly unproven?: true;
}

/** By execution id what is said of the runs of a page; `undefined` if nothing is of any. */
export function saidOfRuns(
  verifications: ReadonlyMap<string, readonly Verification[]>,
): Record<string, ShownWord[]> | undefined {
  const said = [...verifications].flatMap(([id, all]): [string, ShownWord[]][] => {
    const words = standingWords(all).map(shownWord);
    return words.length === 0 ? [] : [[id, words]];
  });
  return said.length === 0 ? undefined : Object.fromEntries(said);
}

function shownWord({ success, unproven, verified_by, via }: Verification): ShownWord {
  return {
    verified_by,
    success,
    ...(via === undefined ? {} : { via }),
    ...(unproven ? { unproven } : {}),
  };
}
