import { temporaryFolder } from "../places.ts";
import { Machine } from "./machine.ts";
import { newProject, teamStore } from "./place.ts";

/** The address of the run's server as a person has it, and the password apart from it. */
export function addressAndPassword(address = teamStore ?? ""): { address: string; password: string } {
  const [, scheme = "", user = "", password = "", rest = ""] =
    /^(postgres:\/\/)([^:@]*):([^@]*)@(.*)$/.exec(address) ?? [];
  return { address: `${scheme}${user}@${rest}`, password: decodeURIComponent(password) };
}

interface TeamProjectOptions {
  readonly marker?: boolean;
  /** Who logs in, if not one who may do everything. */
  readonly user?: "ann" | "bob" | "build" | "wall";
  readonly origin?: string;
}

/** A clone of a project whose history is in the team's store, on a machine that goes away with its test. */
export function teamProject(
  project = newProject(),
  { marker: hasMarker, origin, user }: TeamProjectOptions = {},
): Machine {
  const { address, password } = addressAndPassword();
  const ofUser = user === undefined ? address : address.replace(/\/\/[^@]*@/, `//${user}@`);
  return new Machine(temporaryFolder(), { address: ofUser, password, project, hasMarker, origin });
}

/** The same, confirmed. */
export async function confirmedTeamProject(project?: string, options?: TeamProjectOptions): Promise<Machine> {
  const team = teamProject(project, options);
  const { status, stderr } = await team.here(["store", "trust", "--yes"]);
  if (status !== 0) throw new Error(stderr);
  return team;
}
