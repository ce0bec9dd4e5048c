import { plainLine } from "../../domain/text/plain-text.ts";
import type { TrustState } from "../../trust/root-trust.ts";

const words = {
  written_here: "written here first",
  accepted: "accepted",
  foreign: "not accepted; kaizen-metrics trust shows what came with it",
  new: "there is no store yet",
} as const satisfies Record<TrustState["kind"], string>;

/** Whether a store is trusted, in one line. */
export function trustWords({ kind, problem, since }: TrustState): string {
  const when = since === undefined ? "" : `, ${plainLine(since, 40)}`;
  const why = problem === undefined ? "" : ` (nothing can be trusted: ${plainLine(problem, 300)})`;
  return `${words[kind]}${when}${why}`;
}

/** Whether a store is trusted, as a value for `--json`. */
export function trustFigures({ kind, problem, since }: TrustState) {
  return { state: kind, ...(since === undefined ? {} : { since }), ...(problem === undefined ? {} : { problem }) };
}
