import { Seldom } from "../../trust/seldom.ts";
import { type CommandContext, realRoot } from "../frame/define-command.ts";
import { startDetached } from "./detached.ts";
import { evidenceSettings } from "./settings.ts";

/** Asks CI in the background, at most once an hour, and only if a person of this machine has switched that on. */
export async function askCiSeldom(context: CommandContext): Promise<void> {
  const { environment, machine } = context;
  if (evidenceSettings(environment, await context.trust()).ci === undefined) return;
  const seldom = new Seldom("ci", await realRoot(context), environment, machine.windows);
  const now = context.now();
  if (seldom.isDue(now) && seldom.note(now)) startDetached(["ci"], context);
}
