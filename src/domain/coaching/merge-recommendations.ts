import { sameJson } from "../text/json.ts";
import type { AdviceEntry, RecommendationEvent } from "./recommendation.ts";

/** What optimizers have advised, and what became of it. */
export interface Advice {
  readonly entries: readonly AdviceEntry[];
  readonly events: readonly RecommendationEvent[];
}

/**
 * What of another store's advice is not here. A recommendation is known by its id, and an entry of another writer, whose
 * recommendations have none, by what it says; a change by what it says.
 */
export function missingAdvice(here: Advice, there: Advice): Advice {
  const entries = [...here.entries];
  const events = [...here.events];
  const ids = new Set(entries.flatMap(idsIn));
  for (const entry of there.entries) {
    const its = idsIn(entry);
    const isHere = its.some((id) => ids.has(id)) || (its.length === 0 && entries.some((known) => isSame(known, entry)));
    if (isHere) continue;
    entries.push(entry);
    for (const id of its) ids.add(id);
  }
  for (const event of there.events) if (!events.some((known) => isSame(known, event))) events.push(event);
  return { entries: entries.slice(here.entries.length), events: events.slice(here.events.length) };
}

function idsIn({ recommendations }: AdviceEntry): string[] {
  return recommendations.flatMap(({ id }) => (typeof id === "string" ? [id] : []));
}

/** What came from lines, as lines have it: with an optional part left out, not undefined. */
function isSame(a: object, b: object): boolean {
  return sameJson(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)));
}
