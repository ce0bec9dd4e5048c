import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Ran, type RunOptions, runCommand } from "../command.ts";
import { runCommandHere } from "../command-here.ts";
import { temporaryFolder } from "../places.ts";
import { newProject, teamStore } from "./place.ts";

/** The address of the run's server as a person has it, and the password apart from it. */
export function addressAndPassword(address = teamStore ?? ""): { address: string; password: string } {
  const [, scheme = "", user = "", password = "", rest = ""] =
    /^(postgres:\/\/)([^:@]*):([^@]*)@(.*)$/.exec(address) ?? [];
  return { address: `${scheme}${user}@${rest}`, password: decodeURIComponent(password) };
}

export interface TeamProject {
  readonly root: string;
  readonly home: string;
  readonly project: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Runs a command as the user of this machine, in this process. */
  here(args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** The same in a process of its own. */
  apart(args: readonly string[], options?: RunOptions): Promise<Ran>;
}

/** A clone of a project whose history is in the team's store, on a machine of its own: with a home of its own. */
export function teamProject(project = newProject(), { marker = true } = {}): TeamProject {
  const folder = temporaryFolder();
  const [root, home] = [join(folder, "clone"), join(folder, "home")];
  for (const one of [join(root, ".git"), join(root, ".kaizen"), home]) mkdirSync(one, { recursive: true });
  if (marker) writeFileSync(join(root, ".kaizen/store.json"), `${JSON.stringify({ store: "postgres", project })}\n`);
  const { address, password } = addressAndPassword();
  const env = {
    HOME: home,
    XDG_STATE_HOME: undefined,
    KAIZEN_STORE: address,
    PGPASSWORD: password,
    // The team's agents have shells too; who a test is must not depend on where it runs.
    KAIZEN_PROJECT: undefined,
  };
  const options = (more: RunOptions = {}): RunOptions => ({ cwd: root, ...more, env: { ...env, ...more.env } });
  return {
    root,
    home,
    project,
    env,
    here: (args, more) => runCommandHere(args, options(more)),
    apart: (args, more) => runCommand(args, options(more)),
  };
}

/** The same, confirmed. */
export async function confirmedTeamProject(project?: string): Promise<TeamProject> {
  const team = teamProject(project);
  const { status, stderr } = await team.here(["store", "trust", "--yes"]);
  if (status !== 0) throw new Error(stderr);
  return team;
}
