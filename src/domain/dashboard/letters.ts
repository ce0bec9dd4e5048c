import type { StoryRun } from "./view-model.ts";

/** What became of a run: see `outcomes` of the view model. `counts` is the outcome that counts. */
export function outcomeLetter(claimed: boolean, counts: boolean): StoryRun["outcome"] {
  if (claimed === counts) return counts ? "s" : "f";
  return counts ? "p" : "r";
}
