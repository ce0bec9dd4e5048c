import { type Execution, identitiesOf } from "../../src/domain/run/execution.ts";
import { sameJson } from "../../src/domain/text/json.ts";
import type { RunOrigin } from "../../src/storage/store.ts";

/** The run that has the key of another. */
export function sharingKey(runs: readonly Execution[], { key }: Execution): Execution | undefined {
  return key === undefined ? undefined : runs.find((known) => known.key === key);
}

/** The run that one from elsewhere is: by its key or id, or by its content, whatever agent that names. */
export function knownFrom(runs: readonly Execution[], run: Execution, origin: RunOrigin): Execution | undefined {
  for (const identity of identitiesOf(run)) {
    const known = runs.find((known) => identitiesOf(known).includes(identity));
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
