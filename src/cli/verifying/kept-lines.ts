import type { Standing } from "../../domain/verification/verification.ts";
import { howAPersonSaysIt } from "../../messages/verification.ts";
import { agentShell } from "../caller/caller.ts";
import type { CommandContext } from "../frame/define-command.ts";

/** What a word is worth, if it does not simply count; no lines if it does. `kept` says what was kept as what. */
export function keptLines(kept: string, standing: Standing, context: Pick<CommandContext, "environment">): string[] {
  if (standing.unproven !== true) return [];
  return [
    `${kept}. It counts in no figure, since an agent's shell has said it (${agentShell(context)}).`,
    howAPersonSaysIt,
  ];
}
