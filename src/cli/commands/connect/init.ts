import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { KaizenError } from "../../../errors.ts";
import type { Machine } from "../../../project-root.ts";
import { MARKER } from "../../../team/marker.ts";
import type { Choices } from "../../../trust/root-trust.ts";
import type { Client, Setup } from "../../clients/client.ts";
import { type Launch, launchFor, PUBLISHED_AS } from "../../clients/entry/launch.ts";
import { doAllOrNothing } from "../../clients/files/all-or-nothing.ts";
import { agentFolders } from "../../clients/reporting/agent-files.ts";
import { reportingProblems } from "../../clients/reporting/all-agents.ts";
import { howToAllow } from "../../clients/reporting/problems.ts";
import { type CommandContext, defineCommand } from "../../frame/define-command.ts";
import { usageError } from "../../frame/parse-arguments.ts";
import { agentFolderOf } from "../../init/agent-parts.ts";
import { hasAgentsBlock } from "../../init/agents-file.ts";
import { choiceFlags, choicesOf, expectAgreement, keepChoices } from "../../init/choices.ts";
import { connectedBeside, connectedClients } from "../../init/connected.ts";
import { planFor } from "../../init/plan.ts";
import { markProject } from "../../init/project-mark.ts";
import { initText, initValue } from "../../init/report.ts";
import { retentionFlags } from "../../init/retention.ts";
import { clientNames, clientsFound, clientsNamed, type Wanted } from "../../init/which-clients.ts";
import { initStore } from "../../team/init-store.ts";

const self = { name: "init" };

const SKILL_FILE = "kaizen-loop/SKILL.md";

export const init = defineCommand({
  ...self,
  group: "connect",
  summary: "Connect clients to this project, or begin a team's store for it",
  usage:
    "init [--client NAME ...] [FLAGS]\n       kaizen-metrics init --store ADDRESS [--project NAME] [--print-sql | --dry-run | --remove]",
  details: [
    `Writes the server into the client's configuration in the project's folder, the hooks where the client has them,
and into .gitignore that git leaves .kaizen out. Existing settings, comments and formatting are kept. Entries that we
did not write are never touched. A project that shares its runs by git goes on doing so.`,
    `Without a name, it does so for every client whose files are in the project, and says why; --remove then takes all of
them out. A folder .github counts only beside another client's. What clients keep outside of projects is not written:
init prints what to paste, and where.`,
    `With --agents-md, a block in AGENTS.md tells agents to read the brief and to report, for clients without hooks. It is
written for no client unless asked for; without --client, nothing else is.`,
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
    client: {
      type: "string",
      value: "NAME",
      multiple: true,
      description: `${clientNames.join(", ")}; with commas, several`,
    },
    "agents-md": { type: "boolean", description: "Tell agents in AGENTS.md to read the brief and to report" },
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
    ["kaizen-metrics init", "Connect every client that shows in the project"],
    ['kaizen-metrics init --client claude-code --check "npm test"', "And verify runs by a check of your own"],
    ["kaizen-metrics init --client cursor,zed --remove", "Take it out of Cursor and Zed again"],
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
    const { machine, retentionDays, script, version } = context;
    const isRemoval = flags.remove === true;
    const choices = choicesOf(flags);
    const isForAgentsFile = flags["agents-md"] === true;
    const { clients, notes } = wantedClients(flags, project, machine);
    expectFitting(flags, clients, { isRemoval, choices, retentionDays });
    // What is taken out starts nothing, so that it does not matter where this program lies.
    const launch: Launch =
      isRemoval || clients.length === 0
        ? { kind: "file", path: machine.realPath(script) }
        : launchFor({ script, project, version, machine, publishedAs: PUBLISHED_AS });
    const withHooks = flags["no-hooks"] !== true;
    const allows = isRemoval || flags.allow === true;
    const statusLine = isRemoval || flags.statusline === true;
    const skill = skillBeside(machine.realPath(script));
    const plain: Setup = { launch, project, windows: machine.windows, withHooks, allows, statusLine, skill, flags: [] };
    const wanted = clients.map((client) => {
      const setup = { ...plain, launch: launchOf(client, launch, project) };
      return { client, setup: { ...setup, flags: retentionFlags(client, setup, retentionDays) } };
    });
    const isDryRun = flags["dry-run"] === true;
    const mode = isRemoval ? "remove" : "add";
    const isAgentsFileOnly = isForAgentsFile && clients.length === 0;
    const isForAll = flags.client === undefined && !isAgentsFileOnly;
    const isLast = isForAll || (!isAgentsFileOnly && connectedBeside(wanted, project).length === 0);
    const plan = [
      ...planFor(wanted, project, {
        mode,
        force: flags.force === true,
        share: flags.share === true,
        home: machine.home,
        withAgentsFile: isForAgentsFile || (isRemoval && isLast && hasAgentsBlock(project)),
        withoutGit: isAgentsFileOnly,
        isForAll,
      }),
      ...(isAgentsFileOnly ? [] : markProject(project, { mode, isShared: () => !isLast })),
    ];
    if (!isDryRun) {
      await expectAgreement(choices, context, flags.yes === true);
      doAllOrNothing(plan);
      await keepChoices(choices, context);
    }
    const hasStore = machine.kindOf(join(project, ".kaizen", "metrics")) === "folder";
    const names = clients.map(({ name }) => name);
    const found = isRemoval ? [] : reportingProblems(project, context, names);
    // What this call would mend is left to be mended while nothing is written.
    const mends = isDryRun && allows ? names.map(howToAllow) : [];
    const problems = found.filter(({ mend }) => !mends.includes(mend));
    const isTeams = existsSync(join(project, MARKER));
    const report = { wanted, notes, project, launch, plan, isRemoval, isDryRun, hasStore, choices, problems, isTeams };
    return { value: initValue(report), text: (style) => initText(report, style) };
  },
});

interface WhichFlags {
  readonly client?: readonly string[] | undefined;
  readonly remove?: boolean | undefined;
  readonly "agents-md"?: boolean | undefined;
}

/** Without a name: those that show in the project, or, to be taken out, all that are in it. */
function wantedClients(flags: WhichFlags, project: string, machine: Machine): Wanted {
  if (flags.client !== undefined) return clientsNamed(flags.client);
  if (flags["agents-md"] === true) return { clients: [], notes: [] };
  return flags.remove === true
    ? { clients: connectedClients(project, "for-sure"), notes: [] }
    : clientsFound(project, machine);
}

/** Which folder such a client starts a server in is not known, and so no path may depend on it. */
function launchOf(client: Client, launch: Launch, project: string): Launch {
  const isRelative = client.startsAnywhere === true && launch.kind === "local";
  return isRelative ? { kind: "file", path: join(project, launch.path) } : launch;
}

interface FittingFlags {
  readonly allow?: boolean | undefined;
  readonly share?: boolean | undefined;
  readonly statusline?: boolean | undefined;
}

interface Beside {
  readonly isRemoval: boolean;
  readonly choices: Choices;
  readonly retentionDays: string | undefined;
}

function expectFitting(flags: FittingFlags, clients: readonly Client[], { choices, isRemoval, retentionDays }: Beside) {
  const [chosen] = Object.keys(choices);
  if (isRemoval && chosen !== undefined) throw usageError(`--${chosen} does not go with --remove.`, self);
  const [added] = (["allow", "share", "statusline"] as const).filter((name) => flags[name] === true);
  if (isRemoval && added !== undefined) throw usageError(`--${added} does not go with --remove.`, self);
  const names = clients.map(({ name }) => name).join(", ");
  if (flags.allow === true && !clients.some((client) => agentFolderOf(client) !== undefined)) {
    throw usageError(`--allow is for ${Object.keys(agentFolders).join(", ")}; for ${names} it would do nothing.`, self);
  }
  if (flags.statusline === true && !clients.some(({ name }) => name === "claude-code")) {
    throw usageError(`--statusline is for claude-code; ${names} has no such line.`, self);
  }
  if (isRemoval && retentionDays !== undefined) throw usageError("--retention-days does not go with --remove.", self);
}

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
