import { type Execution, isSameReport, keyIdentity, readExecution } from "../../domain/execution.ts";
import type { KaizenError } from "../../errors.ts";
import { unreadableRun, usedKey } from "../refusals.ts";
import type { NewRun } from "../store.ts";

/** What becomes of one of the runs that are appended together. */
export type Decision =
  | { readonly kind: "new"; readonly execution: Execution; readonly run: NewRun }
  | { readonly kind: "duplicate"; readonly execution: Execution }
  | { readonly kind: "refused"; readonly error: KaizenError };

/** Decides in order about runs that are to be appended together. `find` looks an identity up in the log. */
export function decideBatch(
  agent: string,
  runs: readonly NewRun[],
  find: (identity: string) => Execution | undefined,
): Decision[] {
  const accepted = new Map<string, Execution>();
  return runs.map((run) => {
    const execution = readExecution(run.record);
    if (execution === undefined) return { kind: "refused", error: unreadableRun() };
    if (execution.key === undefined) return { kind: "new", execution, run };
    const identity = keyIdentity(execution.key);
    const first = accepted.get(identity) ?? find(identity);
    if (first === undefined) {
      accepted.set(identity, execution);
      return { kind: "new", execution, run };
    }
    if (!isSameReport(first.record, run.reported)) return { kind: "refused", error: usedKey(agent, first) };
    return { kind: "duplicate", execution: first };
  });
}
