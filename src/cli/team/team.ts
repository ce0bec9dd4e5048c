import type { TeamChoice, TeamStore } from "../../team/team-store.ts";
import type { CommandContext } from "../frame/define-command.ts";

/** What is known of team's stores, in files that no process loads whose project has none. */
export const teamStores = () => import("../../team/team-store.ts");

/** The team's store that the project has, as the settings have it; `undefined` if its history is in its folder. */
export async function teamOf(context: CommandContext): Promise<TeamStore | undefined> {
  const choice = await context.store();
  return choice.kind === "team" ? readTeam(choice, context) : undefined;
}

/** That store, once a person has confirmed it: only then is it asked for anything. Fails with `NO_STORE` otherwise. */
export async function confirmedTeamOf(context: CommandContext): Promise<TeamStore | undefined> {
  const team = await teamOf(context);
  if (team !== undefined) (await teamStores()).expectConfirmed(team, await context.storeTrust());
  return team;
}

export async function readTeam(choice: TeamChoice, { environment }: CommandContext): Promise<TeamStore> {
  return (await teamStores()).readTeamStore(choice, environment);
}
