import { KaizenError } from "../../../errors.ts";
import { counted } from "../../../messages/figures.ts";
import { clients as knownClients, signsOfClients } from "../../clients/index.ts";
import { ownAgentProblems } from "../../clients/reporting/all-agents.ts";
import { agentProblems, isFault, settingsProblems } from "../../clients/reporting/problems.ts";
import { type CommandContext, defineCommand } from "../../frame/define-command.ts";
import { trustFigures, trustWords } from "../../reports/trust-text.ts";
import { type Connection, connectionOf } from "../../status/connection.ts";
import { hookProblems } from "../../status/hook-lines.ts";
import { type StoreStatus, storeStatus } from "../../status/store.ts";
import { statusText } from "../../status/text.ts";
import type { Mend } from "../../terminal/mend-chapter.ts";

export const status = defineCommand({
  name: "status",
  group: "connect",
  summary: "Does it work, and what mends what does not",
  details: [
    `Looks at the files of the clients, at the store, and at what this machine trusts; changes nothing. Each problem comes
with what mends it. What a client does beyond its files cannot be seen from here. doctor examines the store's files.`,
    "Exit status: 0 if all is well, also with runs to verify and advice to decide about; 1 if something is to be mended.",
  ],
  flags: {},
  positionals: {},
  examples: [
    ["kaizen-metrics status", "Does everything work?"],
    ["kaizen-metrics status --json | jq .to_mend", "What is to be mended"],
  ],
  async run(_, context) {
    const project = await projectOrNone(context);
    if (project === undefined) {
      const mend = [notSetUp(context.machine.workingDirectory ?? ".", context)];
      return {
        value: { ok: false, project: null, to_mend: mend },
        text: (style) => statusText({ rows: [], mend, waiting: [] }, style),
        exitCode: 1,
      };
    }
    const connection = connectionOf(project, context);
    const store = await storeStatus(project, context);
    const trust = (await context.trust()).state();
    const mend = [...connectionProblems(connection, project, context), ...storeProblems(store, trust.kind)];
    const waiting = [...toDecide(connection), ...waitingFor(store)];
    const today = isSameDay(store.lastNoted, context.now());
    return {
      value: {
        ok: mend.length === 0,
        project,
        clients: connection.clients.map(({ name }) => name),
        server: connection.claude?.server ?? null,
        permission: connection.claude?.permission ?? null,
        hooks: { installed: connection.hooks ?? null, seen_today: today, last_seen: instantOf(store.lastNoted) },
        agents_unable: connection.unable.map(({ agent, client, file, isForbidden }) => ({
          agent,
          client,
          file,
          forbidden: isForbidden,
        })),
        undecided_runs: store.undecided,
        open_advice: store.openAdvice ?? null,
        store: {
          folder: store.folder,
          team: store.team ?? null,
          agents: store.agents,
          runs: store.runs,
          bytes: store.bytes,
        },
        trust: trustFigures(trust),
        to_mend: mend,
        to_decide: waiting,
      },
      text: (style) =>
        statusText(
          {
            rows: [
              ["Project", project],
              ["Clients", connection.clients.map(({ title }) => title).join(", ") || "none"],
              ["Server", serverWords(connection)],
              ["Permission", permissionWords(connection)],
              ["Hooks", style.withTimes(hookWords(connection, store, today))],
              ["Agents", unableWords(connection)],
              ["Store", storeWords(store)],
              ["Trust", store.team === undefined ? style.withTimes(trustWords(trust)) : ""],
            ],
            mend,
            waiting,
          },
          style,
        ),
      exitCode: mend.length === 0 ? 0 : 1,
    };
  },
});

/** That there is no project is an answer here; a flag or variable that names none is a mistake. */
async function projectOrNone(context: CommandContext): Promise<string | undefined> {
  try {
    return (await context.project()).path;
  } catch (error) {
    const { environment, root } = context;
    const isNamed = root !== undefined || environment.KAIZEN_PROJECT_ROOT || environment.CLAUDE_PROJECT_DIR;
    if (error instanceof KaizenError && error.code === "NO_PROJECT" && !isNamed) return undefined;
    throw error;
  }
}

function notSetUp(folder: string, { machine }: CommandContext): Mend {
  const name = signsOfClients(folder, machine)[0]?.client.name ?? knownClients[0]?.name;
  return { what: "kaizen-metrics is not set up here.", mend: `kaizen-metrics init --client ${name}` };
}

function connectionProblems(connection: Connection, project: string, context: CommandContext): Mend[] {
  const { claude, clients, unable, unhooked } = connection;
  if (clients.length === 0) return [notSetUp(project, context)];
  const ofSettings = claude === undefined ? [] : settingsProblems(claude).filter(isFault);
  // Another copy does its work as well: doctor names it.
  const amiss = hookProblems(project, context).filter(({ kind }) => kind !== "other_program");
  const titles = unhooked.map(({ title }) => title).join(", ");
  const names = unhooked.map(({ name }) => name).join(",");
  const missing =
    unhooked.length === 0
      ? []
      : [{ what: `The hooks are not there: ${titles}.`, mend: `kaizen-metrics init --client ${names}` }];
  const ofHooks = [...missing, ...amiss];
  return [...ofSettings, ...ofHooks, ...agentProblems(unable)].map(({ mend, what }) => ({ what, mend }));
}

function toDecide({ claude, ownUnable }: Connection): Mend[] {
  const problems = [...(claude === undefined ? [] : settingsProblems(claude)), ...ownAgentProblems(ownUnable)];
  return problems.filter((one) => !isFault(one)).map(({ mend, what }) => ({ what, mend }));
}

function storeProblems({ mend = "kaizen-metrics doctor", problem, team }: StoreStatus, trust: string): Mend[] {
  return [
    ...(problem === undefined ? [] : [{ what: problem, mend }]),
    ...(trust === "foreign" && team === undefined
      ? [{ what: "The store came with a clone: agents hear figures of it only.", mend: "kaizen-metrics trust" }]
      : []),
  ];
}

function waitingFor({ openAdvice = 0, undecided }: StoreStatus): Mend[] {
  const runs = undecided === 1 ? "1 run is" : `${undecided} runs are`;
  return [
    ...(undecided === 0 ? [] : [{ what: `${runs} not verified.`, mend: "kaizen-metrics verify --pick" }]),
    ...(openAdvice === 0
      ? []
      : [
          { what: `${counted(openAdvice, "recommendation")} to decide about.`, mend: "kaizen-metrics recommendations" },
        ]),
  ];
}

function serverWords({ claude, clients }: Connection): string {
  if (claude?.server.kind === "on") return `on in Claude Code (${claude.server.file})`;
  if (claude?.server.kind === "off") return `off in Claude Code (${claude.server.file})`;
  return clients.length === 0 ? "" : "in the client's configuration";
}

function permissionWords({ claude }: Connection): string {
  const permission = claude?.permission;
  if (permission === undefined) return "";
  if (permission.kind !== "asked") return `to report: ${permission.kind} (${permission.file})`;
  return "to report: Claude Code may ask you each time";
}

function hookWords({ hooks }: Connection, { lastNoted }: StoreStatus, today: boolean): string {
  if (hooks === undefined) return "";
  const seen = lastNoted === undefined ? "no run seen yet" : `last saw a run ${today ? "today" : instantOf(lastNoted)}`;
  return `${hooks ? "installed" : "not installed"}; ${seen}`;
}

function unableWords({ unable }: Connection): string {
  return unable.length === 0 ? "" : `${counted(unable.length, "agent")} cannot report`;
}

function storeWords({ agents, bytes, problem, runs, team }: StoreStatus): string {
  const held = `${counted(agents, "agent")}, ${counted(runs, "run")}`;
  if (team !== undefined) return problem !== undefined && agents === 0 ? `${team}: cannot be read` : `${team}: ${held}`;
  if (problem !== undefined && agents === 0) return ".kaizen/metrics: cannot be read";
  if (bytes === 0) return "none yet; the first recorded run makes it";
  return `.kaizen/metrics: ${held}, ${bytes} bytes`;
}

function instantOf(at: number | undefined): string | null {
  return at === undefined ? null : `${new Date(at).toISOString().slice(0, 19)}Z`;
}

function isSameDay(at: number | undefined, now: number): boolean {
  return at !== undefined && new Date(at).toDateString() === new Date(now).toDateString();
}
