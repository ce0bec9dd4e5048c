import { type Execution, identitiesOf } from "../../src/domain/run/execution.ts";
import type { RetentionDays } from "../../src/domain/run/retention.ts";
import { DAY_MS } from "../../src/domain/run/time.ts";
import { sameJson } from "../../src/domain/text/json.ts";
import type { RunOrigin } from "../../src/storage/store.ts";

/** Those of some runs that had not expired when a run ended; all of them if that, or their own end, is not known. */
export function liveWhenEnded(runs: readonly Execution[], run: Execution, retentionDays: RetentionDays): Execution[] {
  const { at } = run;
  if (at === undefined || retentionDays === null) return [...runs];
  return runs.filter((earlier) => earlier.at === undefined || at - earlier.at <= retentionDays * DAY_MS);
}

/** The last run that has the key of another. */
export function sharingKey(runs: readonly Execution[], { key }: Execution): Execution | undefined {
  return key === undefined ? undefined : runs.findLast((known) => known.key === key);
}

/** The run that one from elsewhere is: by its key or id, or by its content, whatever agent that names. */
export function knownFrom(runs: readonly Execution[], run: Execution, origin: RunOrigin): Execution | undefined {
  for (const identity of identitiesOf(run)) {
    const known = runs.findLast((known) => identitiesOf(known).includes(identity));
    if (known !== undefined) return known;
  }
  if (identitiesOf(run).length > 0) return undefined;
  const { agent: _, ...content } = run.record;
  const copies = runs.filter((known) => {
    const { agent: _, ...knownContent } = known.record;
    return identitiesOf(known).length === 0 && sameJson(knownContent, content);
  });
  return copies[origin.earlierCopies];
}
