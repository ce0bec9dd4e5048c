import { comparableText, type JsonObject } from "../text/json.ts";
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
  const ids = new Set(here.entries.flatMap(idsIn));
  const said = new Set([...here.entries.filter(isWithoutId), ...here.events].map(textOf));
  const entries = there.entries.filter((entry) => {
    const its = idsIn(entry);
    const isHere = its.length === 0 ? said.has(textOf(entry)) : its.some((id) => ids.has(id));
    if (isHere) return false;
    for (const id of its) ids.add(id);
    if (its.length === 0) said.add(textOf(entry));
    return true;
  });
  const events = there.events.filter((event) => {
    const text = textOf(event);
    const isHere = said.has(text);
    said.add(text);
    return !isHere;
  });
  return { entries, events };
}

function idsIn({ recommendations }: AdviceEntry): string[] {
  return recommendations.flatMap(({ id }) => (typeof id === "string" ? [id] : []));
}

function isWithoutId(entry: AdviceEntry): boolean {
  return idsIn(entry).length === 0;
}

/** What entries or changes share if they say the same: thousands of them are not compared one by one. */
function textOf(said: AdviceEntry | RecommendationEvent): string {
  return comparableText(said as JsonObject);
}
