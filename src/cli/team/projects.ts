import type { TeamProjects } from "../../dashboard/projects.ts";
import { sourceOf } from "../../dashboard/source.ts";
import { formatInstant } from "../../domain/run/time.ts";
import { counted } from "../../messages/figures.ts";
import type { ProjectFigures, TeamStore } from "../../team/team-store.ts";
import type { CommandContext } from "../frame/define-command.ts";
import { teamStores } from "./team.ts";

/** The projects of a team's store, as the dashboard shows them: a login that may read one may read them all. */
export function projectsFor(team: TeamStore, context: CommandContext): TeamProjects {
  return {
    own: team.project,
    store: team.place,
    async list() {
      const { projectsOf } = await teamStores();
      return (await projectsOf(team)).map((one) => ({ name: one.name, words: wordsOf(one) }));
    },
    open: async (project) => sourceOf(await context.kaizenOf(project), project),
  };
}

function wordsOf({ agents, lastChange, runs }: ProjectFigures): string {
  const last = lastChange === undefined ? "" : `, the last recorded ${formatInstant(lastChange)}`;
  return `${counted(agents, "agent")}, ${counted(runs, "run")}${last}`;
}
