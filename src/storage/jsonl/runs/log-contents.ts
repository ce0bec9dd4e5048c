import { ContentCounts, contentHash } from "../../../adr004/content-counts.ts";
import { type DecodedLine, decodeLine } from "../../../adr004/run-line.ts";
import { identitiesOf } from "../../../domain/run/execution.ts";
import type { Fold } from "../projection/fold.ts";

/** How often a log says what. Folded only if runs from elsewhere come in that have no identity to be known by. */
export const contentsFold: Fold<ContentCounts, DecodedLine> = {
  empty: () => new ContentCounts(),
  decode: decodeLine,
  add(counts, { executions }) {
    for (const run of executions) if (identitiesOf(run).length === 0) counts.add(contentHash(run.record));
  },
};
