import type { Standing } from "../../domain/verification/verification.ts";
import { howAPersonSaysIt } from "../../messages/verification.ts";
import { agentShell } from "../caller/caller.ts";
import type { CommandContext } from "../frame/define-command.ts";

/** What a word is worth, if it does not simply count; no lines if it does. `kept` says what was kept as what. */
export function keptLines(
  kept: string,
  { unproven }: Pick<Standing, "unproven">,
  context: Pick<CommandContext, "environment">,
): string[] {
  if (unproven !== true) return [];
  const shell = agentShell(context);
  if (shell === undefined) {
    const roles = "the store takes it from logins in kaizen_ci or kaizen_person only (kaizen-metrics help team)";
    return [`${kept}. It counts in no figure: ${roles}.`];
  }
  return [`${kept}. It counts in no figure, since an agent's shell has said it (${shell}).`, howAPersonSaysIt];
}
