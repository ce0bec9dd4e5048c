import type { Facts } from "../../../domain/evidence/evidence.ts";
import { startDetached } from "../../evidence/detached.ts";
import { mayHaveEdited, type WorkingCopy } from "../../evidence/working-copy.ts";
import type { CommandContext } from "../../frame/define-command.ts";
import type { Payload } from "../payload/payload.ts";
import type { EndedFacts } from "./run-facts.ts";

/** A run that has ended, and what a hook has looked at. */
export interface Looked extends EndedFacts {
  readonly context: CommandContext;
  readonly copy: WorkingCopy;
  readonly path: string | undefined;
  readonly payload: Payload;
}

/**
 * What takes longer than a client waits goes on in a process of its own: reading a long transcript, and a check. For a
 * store that came from elsewhere there is none.
 */
export function continueLater(looked: Looked, facts: Facts | undefined): void {
  const { agent, context, copy, key, path, payload, reading } = looked;
  if (copy.settings.isForeign) return;
  const isLong = reading?.isWhole === false;
  if (!isLong && !(isCheckable(looked) && facts !== undefined && mayHaveEdited(facts))) return;
  const { cwd, permission_mode } = payload;
  const later = { cwd, permission_mode, agent_id: key, agent_type: agent, agent_transcript_path: path };
  startDetached(["hook", "subagent-after"], context, JSON.stringify(later));
}

/** In the mode in which a client only plans, nothing is to be run. */
export function isCheckable({ copy, payload }: Pick<Looked, "copy" | "payload">): boolean {
  return copy.settings.check !== undefined && copy.settings.git && payload.permission_mode !== "plan";
}
