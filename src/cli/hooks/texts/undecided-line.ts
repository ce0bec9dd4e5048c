import type { Kaizen } from "../../../kaizen/kaizen.ts";
import type { UndecidedRun } from "../../../kaizen/verification/verify.ts";
import { counted } from "../../../messages/figures.ts";
import { Seldom } from "../../../trust/seldom.ts";
import { realRoot } from "../../frame/define-command.ts";
import type { HookRun } from "../project/hook-run.ts";

const DAY_MS = 86_400_000;
/** People remember an older run too badly to judge it. */
const ASKED_DAYS = 7;
const READ_AGENTS = 24;
const MOST_RUNS = 10_000;

/** How many runs a person may decide, and how, as both hear it: the agent pays for each word. */
interface UndecidedLine {
  readonly toUser: string;
  readonly toAgent: string;
}

/**
 * How many of the last days' runs nothing has decided, and how a person says it: at most once a day for a project, and
 * `undefined` at any other time.
 */
export async function undecidedLine(
  { context, isOfClaudeCode }: HookRun,
  kaizen: Kaizen,
): Promise<UndecidedLine | undefined> {
  const { environment, machine } = context;
  const now = context.now();
  const once = new Seldom("mentioned", await realRoot(context), environment, machine.windows);
  if (!once.isDue(now)) return undefined;
  const runs = await undecidedLately(kaizen, now);
  if (runs.length === 0 || !once.note(now)) return undefined;
  const [what, how] = [`${counted(runs.length, "run")} undecided`, "kaizen-metrics verify --pick"];
  // Only Claude Code has the commands of a prompt.
  const byPrompt = isOfClaudeCode ? "/kaizen-metrics:good or :bad, or " : "";
  return { toUser: `${what}; ${byPrompt}${how}`, toAgent: `For the user: ${what}; ${how}` };
}

/** The runs of the last days that nothing has decided, newest first. */
export function undecidedLately(kaizen: Kaizen, now: number): Promise<readonly UndecidedRun[]> {
  const sinceAt = now - ASKED_DAYS * DAY_MS;
  return kaizen.verifying.undecided(MOST_RUNS, { agents: READ_AGENTS, filter: { sinceAt } });
}
