import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { nearestName } from "../../domain/text/nearest-name.ts";
import { KaizenError } from "../../errors.ts";
import type { Machine } from "../../project-root.ts";
import type { Client, Setup } from "../clients/client.ts";
import { type Launch, launchFor, PUBLISHED_AS } from "../clients/entry/launch.ts";
import { doAllOrNothing } from "../clients/files/all-or-nothing.ts";
import { clients, signsOfClients } from "../clients/index.ts";
import { agentFolders } from "../clients/reporting/agent-files.ts";
import { howToAllow, reportingProblems } from "../clients/reporting/problems.ts";
import { type CommandContext, defineCommand } from "../frame/define-command.ts";
import { usageError } from "../frame/parse-arguments.ts";
import { agentFolderOf } from "../init/agent-parts.ts";
import { choiceFlags, choicesOf, expectAgreement, keepChoices } from "../init/choices.ts";
import { isSetUpForOthers, planFor } from "../init/plan.ts";
import { markProject } from "../init/project-mark.ts";
import { initText, initValue } from "../init/report.ts";
import { retentionFlags } from "../init/retention.ts";
import { initStore } from "../team/init-store.ts";

const names = clients.map(({ name }) => name);

const self = { name: "init" };

const SKILL_FILE = "kaizen-loop/SKILL.md";

export const init = defineCommand({
  ...self,
  group: "connect",
  summary: "Connect a client to this project, or begin a team's store for it",
  usage:
    "init --client NAME [FLAGS]\n       kaizen-metrics init --store ADDRESS [--project NAME] [--print-sql | --dry-run | --remove]",
  details: [
    `Writes the server into the client's configuration in the project's folder, the hooks where the client has them,
and into .gitignore that git leaves .kaizen out. Existing settings, comments and formatting are kept. Entries that we
did not write are never touched. A project that shares its runs by git goes on doing so.`,
    `With --statusline, the status line of Claude Code shows agents that decline, undecided runs and the last outcome. One
of another program is never replaced: init says so then, and does nothing.`,
    `With --share, git keeps the runs: merge=union for the logs goes into .gitattributes in place of that.`,
    `With --allow, agents whose tools leave out record_execution get it, at the end of the list in their own file, and the
permission to call it goes into .claude/settings.json. Without it, init names such agents and changes none.`,
    `With --retention-days, the server and the hooks are started with it; without it they keep what the files say of it
already. KAIZEN_RETENTION_DAYS is written nowhere: it counts where it is set for the client.`,
    `With --holdout, so large a share of this machine's runs begins without a brief, by the throw of a coin, and
summary --holdout tells what the brief does; --holdout 0 takes it back.`,
    `With --check, the command runs after runs that edited, on a copy of what the agent left, and its exit status verifies
the run. It runs what the agent has written, with your rights: init says so, and asks. With --ci, that program is asked
what became of commits. Transcripts of runs are read and git is asked unless switched off. All of it is kept for you
alone, outside of the project: a clone can switch nothing on.`,
    `With --store and no --client, the project's history goes into a team's store: init asks the server, makes the tables and
the roles, writes .kaizen/store.json with the project's name for all who work on it, and confirms the server for you.
--print-sql prints the SQL in place of that, for who looks after the database. It moves nothing: import --from does.`,
    "Done twice, the second time changes nothing. --remove takes out what init has put in, and nothing else.",
  ],
  flags: {
    client: { type: "string", value: "NAME", description: names.join(", ") },
    "dry-run": { type: "boolean", description: "Show what would change, as a diff, and write nothing" },
    remove: { type: "boolean", description: "Take our parts out again" },
    allow: { type: "boolean", description: "Let agents report: give them the tool, and the permission" },
    statusline: { type: "boolean", description: "Show how agents do in the status line of Claude Code" },
    share: { type: "boolean", description: "Have git keep the runs, and merge them" },
    project: { type: "string", value: "NAME", description: "With --store: the project's name there, such as acme/api" },
    "print-sql": { type: "boolean", description: "With --store: print the SQL, and connect to nothing" },
    "no-hooks": { type: "boolean", description: "Leave the client's hooks alone" },
    force: { type: "boolean", description: "Replace an entry of our name that is not as init writes it" },
    ...choiceFlags,
  },
  usedWith: ["root", "retention-days"],
  positionals: {},
  examples: [
    ["kaizen-metrics init --client claude-code --dry-run", "See what would change"],
    ["kaizen-metrics init --client claude-code", "Connect Claude Code, with hooks"],
    ['kaizen-metrics init --client claude-code --check "npm test"', "And verify runs by a check of your own"],
    ["kaizen-metrics init --client cursor --remove", "Take it out of Cursor again"],
    ["kaizen-metrics init --store postgres://ann@db.acme.dev/metrics --project acme/api", "One history for the team"],
  ],
  async run({ flags }, context) {
    const project = await projectFolder(context);
    if (flags.client === undefined && context.storeSettings.address?.source === "--store") {
      return initStore(flags, project, context);
    }
    for (const name of ["project", "print-sql"] as const) {
      if (flags[name] !== undefined) throw usageError(`--${name} goes with --store, without --client.`, self);
    }
    if (context.storeSettings.address?.source === "--store") {
      throw usageError("--store goes without --client: first the one, and then the other.", self);
    }
    const client = clientNamed(flags.client, project, context.machine);
    const { machine, retentionDays, script, version } = context;
    const isRemoval = flags.remove === true;
    const choices = choicesOf(flags);
    const [chosen] = Object.keys(choices);
    if (isRemoval && chosen !== undefined) throw usageError(`--${chosen} does not go with --remove.`, self);
    const [added] = (["allow", "share", "statusline"] as const).filter((name) => flags[name] === true);
    if (isRemoval && added !== undefined) throw usageError(`--${added} does not go with --remove.`, self);
    if (flags.allow === true && agentFolderOf(client) === undefined) {
      throw usageError(
        `--allow is for ${Object.keys(agentFolders).join(", ")}; ${client.name} has no such files.`,
        self,
      );
    }
    if (flags.statusline === true && client.name !== "claude-code") {
      throw usageError(`--statusline is for claude-code; ${client.name} has no such line.`, self);
    }
    if (isRemoval && retentionDays !== undefined) throw usageError("--retention-days does not go with --remove.", self);
    // What is taken out starts nothing, so that it does not matter where this program lies.
    const launch: Launch = isRemoval
      ? { kind: "file", path: machine.realPath(script) }
      : launchFor({ script, project, version, machine, publishedAs: PUBLISHED_AS });
    const withHooks = flags["no-hooks"] !== true;
    const allows = isRemoval || flags.allow === true;
    const statusLine = isRemoval || flags.statusline === true;
    const skill = skillBeside(machine.realPath(script));
    const plain: Setup = { launch, project, windows: machine.windows, withHooks, allows, statusLine, skill, flags: [] };
    const setup: Setup = { ...plain, flags: retentionFlags(client, plain, retentionDays) };
    const isDryRun = flags["dry-run"] === true;
    const mode = isRemoval ? "remove" : "add";
    const plan = [
      ...planFor(client, setup, {
        mode,
        force: flags.force === true,
        share: flags.share === true,
        home: machine.home,
      }),
      ...markProject(project, { mode, isShared: () => isSetUpForOthers(client, setup) }),
    ];
    if (!isDryRun) {
      await expectAgreement(choices, context, flags.yes === true);
      doAllOrNothing(plan);
      await keepChoices(choices, context);
    }
    const hasStore = machine.kindOf(join(project, ".kaizen", "metrics")) === "folder";
    const found = isRemoval ? [] : reportingProblems(project, context, client.name);
    // What this call would mend is left to be mended while nothing is written.
    const problems = found.filter(({ mend }) => !(isDryRun && allows && mend === howToAllow(client.name)));
    const report = { client, setup, plan, isRemoval, isDryRun, hasStore, choices, problems };
    return { value: initValue(report), text: (style) => initText(report, style) };
  },
});

/** The plugin that lies beside the program has it, or around the program, if that is the plugin's own. */
function skillBeside(script: string): string | undefined {
  const places = ["plugin/skills", "../skills"].map((way) => join(dirname(script), way, SKILL_FILE));
  const place = places.find((path) => existsSync(path));
  return place === undefined ? undefined : readFileSync(place, "utf8");
}

/** A new project has neither .kaizen nor .git yet: then the folder is meant that a person stands in. */
async function projectFolder(context: CommandContext): Promise<string> {
  try {
    return (await context.project()).path;
  } catch (error) {
    const here = standingIn(context);
    if (error instanceof KaizenError && error.code === "NO_PROJECT" && here !== undefined) return here;
    throw error;
  }
}

function standingIn({ environment, machine, root }: CommandContext): string | undefined {
  if (root !== undefined || environment.KAIZEN_PROJECT_ROOT || environment.CLAUDE_PROJECT_DIR) return undefined;
  const here = machine.workingDirectory;
  if (here === undefined) return undefined;
  const real = machine.realPath(here);
  const isHome = machine.home !== undefined && real === machine.realPath(machine.home);
  const isTop = /^(?:[A-Za-z]:)?[\\/]*$/.test(real);
  return isHome || isTop ? undefined : here;
}

function clientNamed(name: string | undefined, project: string, machine: Machine): Client {
  const client = clients.find((known) => known.name === name);
  if (client !== undefined) return client;
  if (name !== undefined) {
    const nearest = nearestName(name, names);
    const meant = nearest === undefined ? `; known are ${names.join(", ")}.` : `; did you mean "${nearest}"?`;
    throw new KaizenError("INVALID_ARGUMENT", `"${name}" is not a client that init knows${meant}`);
  }
  const found = signsOfClients(project, machine);
  const seen = found.map(({ client: { name: known }, signs }) => `${known} (${signs.join(", ")})`);
  const what = seen.length === 0 ? "No client was found here" : `Found ${seen.join(", ")}`;
  throw new KaizenError("INVALID_ARGUMENT", `init needs --client, with ${names.join(", ")}. ${what}.`, {
    hint: `Run kaizen-metrics init --client ${found[0]?.client.name ?? names[0]}.`,
  });
}
