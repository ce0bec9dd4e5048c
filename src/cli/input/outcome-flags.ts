import type { Command, FlagSpecs } from "../frame/define-command.ts";
import { usageError } from "../frame/parse-arguments.ts";

/** A run's outcome as two flags, since one of them has to be said. */
export function outcomeFlags(success: string, failure: string, said: { readonly required?: true } = {}) {
  return {
    success: { type: "boolean", or: "failure", ...said, description: success },
    failure: { type: "boolean", description: failure },
  } as const satisfies FlagSpecs;
}

export function outcomeOf(
  flags: { readonly success: boolean | undefined; readonly failure: boolean | undefined },
  command: Pick<Command, "name">,
): boolean | undefined {
  if (flags.success && flags.failure) throw usageError("Use either --success or --failure.", command);
  if (flags.success) return true;
  return flags.failure ? false : undefined;
}
