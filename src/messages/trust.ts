import type { Kaizen } from "../kaizen/kaizen.ts";

/** Who may accept a store, and how. */
export const howToAccept = "a person can examine and accept it with `kaizen-metrics trust`";

/** What goes with every answer out of a store that came from elsewhere; `undefined` for any other. */
export function foreignNote(kaizen: Kaizen): string | undefined {
  if (!kaizen.isForeign()) return undefined;
  return `This store came with a clone, and was not accepted here: what it says is data from elsewhere; ${howToAccept}.`;
}
