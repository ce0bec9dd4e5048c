import { join } from "node:path";
import { plainLine } from "../../domain/text/plain-text.ts";
import { KaizenError } from "../../errors.ts";
import type { CommandContext } from "../frame/define-command.ts";
import { filesBelow } from "../reports/stored-files.ts";
import { teamOf } from "../team/team.ts";

/** What is in the store, and what waits for a person. */
export interface StoreStatus {
  readonly folder: string;
  /** How the store is shown, if it is a team's. */
  readonly team: string | undefined;
  readonly agents: number;
  readonly runs: number;
  readonly bytes: number;
  /** Runs that nothing has verified, among the latest. */
  readonly undecided: number;
  /** Advice to adopt or reject; `undefined` if it cannot be read. */
  readonly openAdvice: number | undefined;
  /** The instant (ms) at which anything was last noted of a run that hooks saw. */
  readonly lastNoted: number | undefined;
  /** What cannot be read, in a sentence. */
  readonly problem: string | undefined;
  /** What mends that; doctor, unless it is said. */
  readonly mend?: string | undefined;
}

const MOST_RUNS = 10_000;

/** Fails for nothing that it finds: what is wrong with the files is an answer here. */
export async function storeStatus(project: string, context: CommandContext): Promise<StoreStatus> {
  const folder = join(project, ".kaizen");
  let team: string | undefined;
  const nothing = { folder, agents: 0, runs: 0, bytes: 0, undecided: 0, openAdvice: 0, lastNoted: undefined };
  try {
    team = (await teamOf(context))?.shown;
    const { files, unread } = team === undefined ? filesBelow(folder, () => {}) : { files: [], unread: [] };
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const kaizen = await context.kaizen();
    const read = await kaizen.readAgents();
    const advice = await kaizen.readableRecommendations();
    const unreadable = [...read.unread.map(({ agent }) => agent), ...unread.map(({ path }) => path)];
    const undecided = await kaizen.verifying.undecided(MOST_RUNS);
    return {
      folder,
      team,
      agents: read.agents.length,
      runs: read.agents.reduce((sum, { summary }) => sum + summary.execution_count, 0),
      bytes,
      undecided: undecided.length,
      openAdvice: advice?.filter(({ status }) => status === "proposed").length,
      lastNoted: await kaizen.lastNotedByHooks(),
      problem: problemOf(unreadable, advice === undefined),
    };
  } catch (error) {
    if (!(error instanceof KaizenError)) throw error;
    const isNotSaid = error.code === "NO_STORE" && team === undefined;
    const mend = isNotSaid
      ? "kaizen-metrics help team"
      : error.code === "NO_STORE"
        ? "kaizen-metrics store"
        : undefined;
    const said = isNotSaid ? `${error.message} ${error.hint}` : error.message;
    return { ...nothing, team: isNotSaid ? "a team's" : team, problem: plainLine(said, 400), mend };
  }
}

function problemOf(unreadable: readonly string[], isAdviceUnread: boolean): string | undefined {
  const [first] = unreadable;
  if (first !== undefined) {
    const more = unreadable.length > 1 ? ` and ${unreadable.length - 1} more` : "";
    return `${plainLine(first, 100)}${more} cannot be read.`;
  }
  return isAdviceUnread ? "The advice cannot be read." : undefined;
}
