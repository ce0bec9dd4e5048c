import type { AgentName } from "../../../domain/run/agent-name.ts";
import { nearestName } from "../../../domain/text/nearest-name.ts";
import { KaizenError } from "../../../errors.ts";
import { counted } from "../../../messages/figures.ts";
import { quoted } from "../../../messages/names.ts";
import type { CommandContext, Outcome } from "../../frame/define-command.ts";
import { usageError } from "../../frame/parse-arguments.ts";
import { expectKnownAgent } from "../../input/known-agent.ts";
import { saysYes } from "../../input/says-yes.ts";

const self = { name: "agents" };
const actions = ["rename", "merge", "remove"] as const;
type Action = (typeof actions)[number];

export interface MoveRequest {
  readonly action: string;
  readonly from: string | undefined;
  readonly into: string | undefined;
  readonly yes: boolean;
  readonly dryRun: boolean;
}

/** Gives an agent another name, joins it with another, or removes it. */
export async function moveAgent(request: MoveRequest, context: CommandContext): Promise<Outcome> {
  const { dryRun } = request;
  const action = actionOf(request.action);
  const { from, into } = namesOf(action, request);
  const kaizen = await context.kaizen();
  const { agent } = await kaizen.lookUp(await expectKnownAgent(kaizen, from));
  const other = action === "merge" ? (await kaizen.lookUp(await expectKnownAgent(kaizen, into))).agent : undefined;
  const perform = (how: { readonly dryRun: boolean }) => {
    if (action === "remove") return kaizen.moves.remove(agent, how);
    return other === undefined ? kaizen.moves.rename(agent, into, how) : kaizen.moves.merge(agent, other, how);
  };
  const found = await perform({ dryRun: true });
  const what = `${counted(found.runs, "run")} and ${counted(found.advice, "recommendation")}`;
  const doing =
    action === "remove" ? `${quoted(agent)}, with ${what}` : `${what} of ${quoted(agent)} to ${quoted(into)}`;
  if (!dryRun) await expectAgreed(action, doing, request, context);
  if (!dryRun) await perform({ dryRun });
  const done = action === "remove" ? "Removed" : "Moved";
  const sentence = dryRun ? `Would be ${done.toLowerCase()}: ${doing}.` : `${done} ${doing}.`;
  const names: { agent: AgentName; into?: string } = action === "remove" ? { agent } : { agent, into: other ?? into };
  return { value: { action, ...names, ...found, dry_run: dryRun }, text: () => `${sentence}\n` };
}

function actionOf(word: string): Action {
  const action = actions.find((one) => one === word);
  if (action !== undefined) return action;
  const nearest = nearestName(word, actions);
  const meant = nearest === undefined ? "it takes rename, merge or remove" : `did you mean ${nearest}?`;
  throw usageError(`${JSON.stringify(word.slice(0, 80))} is nothing that agents does; ${meant}`, self);
}

function namesOf(action: Action, { from, into }: MoveRequest): { from: string; into: string } {
  if (action === "remove" && into !== undefined) throw usageError("agents remove takes one agent.", self);
  if (from === undefined) throw usageError(`agents ${action} needs the name of an agent.`, self);
  if (action !== "remove" && into === undefined) throw usageError(`agents ${action} needs two names.`, self);
  return { from, into: into ?? "" };
}

/** What cannot be undone wants a person's word, typed or given by --yes. */
async function expectAgreed(
  action: Action,
  doing: string,
  { yes }: MoveRequest,
  context: CommandContext,
): Promise<void> {
  if (action === "rename" || yes) return;
  const refused = (why: string) =>
    new KaizenError("INVALID_ARGUMENT", `Nothing was changed: ${why}`, { hint: "--yes agrees without being asked." });
  if (!context.stdin.isTerminal || context.json) throw refused(`agents ${action} cannot be undone.`);
  await context.ask(() => `${action === "remove" ? "Remove" : "Move"} ${doing}? It cannot be undone. [y/N] `);
  if (!(await saysYes(context.stdin))) throw refused("you did not agree.");
}
