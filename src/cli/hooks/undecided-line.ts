import type { Kaizen } from "../../kaizen/kaizen.ts";
import type { UndecidedRun } from "../../kaizen/verify.ts";
import { counted } from "../../messages/figures.ts";
import { Seldom } from "../../trust/seldom.ts";
import { realRoot } from "../frame/define-command.ts";
import type { HookRun } from "./hook-run.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** People remember an older run too badly to judge it. */
const ASKED_DAYS = 7;
const READ_AGENTS = 24;
const MOST_RUNS = 10_000;

/**
 * How many of the last days' runs nothing has decided, and how a person says it: at most once a day for a project, and
 * `undefined` at any other time.
 */
export async function undecidedLine({ context }: HookRun, kaizen: Kaizen): Promise<string | undefined> {
  const { environment, machine } = context;
  const now = context.now();
  const once = new Seldom("mentioned", await realRoot(context), environment, machine.windows);
  if (!once.isDue(now)) return undefined;
  const runs = await undecidedLately(kaizen, now);
  const oldest = runs.at(-1)?.execution.at;
  if (oldest === undefined || !once.note(now)) return undefined;
  return (
    `${counted(runs.length, "run")} undecided, oldest ${ageText(now - oldest)}: /kaizen-metrics:good or :bad says how the ` +
    "newest came out, kaizen-metrics verify --pick how another one did"
  );
}

/** The runs of the last days that nothing has decided, newest first. */
export function undecidedLately(kaizen: Kaizen, now: number): Promise<readonly UndecidedRun[]> {
  const sinceAt = now - ASKED_DAYS * DAY_MS;
  return kaizen.verifying.undecided(MOST_RUNS, { agents: READ_AGENTS, filter: { sinceAt } });
}

function ageText(ms: number): string {
  if (ms >= DAY_MS) return counted(Math.floor(ms / DAY_MS), "day");
  return ms >= HOUR_MS ? counted(Math.floor(ms / HOUR_MS), "hour") : "less than an hour";
}
