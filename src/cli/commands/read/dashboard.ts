import { basename } from "node:path";
import { readReport, reportHtml } from "../../../dashboard/report.ts";
import { pageFiles } from "../../../dashboard/shell.ts";
import { type DashboardSource, sourceOf } from "../../../dashboard/source.ts";
import { counted } from "../../../messages/figures.ts";
import { reportFile, writeReport } from "../../dashboard/report-file.ts";
import { serveDashboard } from "../../dashboard/serve-dashboard.ts";
import { shown } from "../../export/output-place.ts";
import { type CommandContext, defineCommand, type Outcome } from "../../frame/define-command.ts";
import { usageError } from "../../frame/parse-arguments.ts";
import { expectKnownAgent } from "../../input/known-agent.ts";
import { projectsFor } from "../../team/projects.ts";
import { confirmedTeamOf } from "../../team/team.ts";

const self = { name: "dashboard" };

export const dashboard = defineCommand({
  ...self,
  group: "read",
  summary: "How the agents do, as a page in your browser or as a file",
  details: [
    `Serves a page to browsers of this machine, which is kept up to date, and prints its address. Opens it too, unless
there is no terminal or no display, or over SSH, or in CI. The address is good once and for 60 s; the page then stays good
until Ctrl-C ends the command. The page only shows: it changes nothing, and asks no other machine for anything. Its other name is ui.`,
    `--out writes the page as one file in place of that, for others to look at. It has figures, signatures of failures and
titles of advice. What agents wrote is in it only with --with-records.`,
  ],
  flags: {
    port: { type: "string", value: "N", description: "Serve on this port; without it on any that is free" },
    "no-open": { type: "boolean", description: "Open no browser" },
    "allow-host": { type: "string", value: "NAME", description: "Answer under this name too, as behind a proxy" },
    out: { type: "string", value: "FILE", description: "Write the page to a new file, and serve nothing" },
    "with-records": { type: "boolean", description: "With --out: also records, notes, errors and the brief" },
    force: { type: "boolean", description: "With --out: replace a file of yours that is there" },
  },
  positionals: { agent: { description: "The agent to begin with, or the only one of a file" } },
  examples: [
    ["kaizen-metrics dashboard", "Look at all agents"],
    ["kaizen-metrics dashboard test-writer --out test-writer.html", "Hand on how one does"],
    ["kaizen-metrics dashboard --json | jq -r .headline", "What the page says first"],
  ],
  async run({ flags, positionals }, context) {
    expectFitting(flags, context.json);
    const [port, allowedHost] = [portOf(flags.port), hostOf(flags["allow-host"])];
    const { path } = await context.project();
    const kaizen = await context.kaizen();
    const agent = positionals.agent === undefined ? undefined : await expectKnownAgent(kaizen, positionals.agent);
    const team = await confirmedTeamOf(context);
    const source = sourceOf(kaizen, team?.project ?? basename(path));
    if (flags.out !== undefined) {
      const file = reportFile(flags.out, path, context.machine, flags.force === true);
      return written(file, { source, agent, withRecords: flags["with-records"] === true }, context);
    }
    if (context.json) {
      return { value: await (agent === undefined ? source.overview() : source.agent(agent)), text: () => "" };
    }
    const page = await pageFiles(context.readBeside);
    const projects = team === undefined ? undefined : projectsFor(team, context);
    const isOpened = flags["no-open"] !== true;
    await serveDashboard({ source, team: projects, page, agent, port, allowedHost, isOpened }, context);
    return { value: undefined, text: () => "" };
  },
});

interface Wanted {
  readonly source: DashboardSource;
  readonly agent: string | undefined;
  readonly withRecords: boolean;
}

async function written(
  file: ReturnType<typeof reportFile>,
  { agent, source, withRecords }: Wanted,
  context: CommandContext,
): Promise<Outcome> {
  const files = await pageFiles(context.readBeside);
  const onAgent = (read: number, all: number) => context.progress.step("agents read", read, all);
  const model = await readReport(source, { agent, withRecords, onAgent });
  const html = reportHtml(files, model);
  writeReport(file, html);
  const agents = Object.keys(model.agents).length;
  const what = withRecords
    ? "with records: what agents wrote is in it, so look at it before you hand it on"
    : "with figures, signatures and titles only";
  return {
    value: { file: file.path, bytes: Buffer.byteLength(html), agents, with_records: withRecords },
    text: () => `${shown(file.given)}: ${counted(agents, "agent")}, ${what}.\n`,
  };
}

type Flags = Parameters<typeof dashboard.run>[0]["flags"];

const ofServer = ["port", "no-open", "allow-host"] as const;
const ofFile = ["with-records", "force"] as const;

/** A flag that would have no effect is a mistake. */
function expectFitting(flags: Flags, json: boolean): void {
  const isFile = flags.out !== undefined;
  if (flags.out === "" || flags.out === "-") throw usageError("--out needs the name of a file.", self);
  const idle = (isFile || json ? ofServer : []).find((name) => flags[name] !== undefined);
  if (idle !== undefined) throw usageError(`--${idle} does not go with ${isFile ? "--out" : "--json"}.`, self);
  const alone = ofFile.find((name) => flags[name] !== undefined);
  if (!isFile && alone !== undefined) throw usageError(`--${alone} goes with --out.`, self);
}

function portOf(text: string | undefined): number {
  if (text === undefined) return 0;
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw usageError(`--port is ${JSON.stringify(text.slice(0, 80))}; send a number from 1 to 65535.`, self);
}

/** One name as it stands in the address, without a port and without a pattern. */
function hostOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const name = text.toLowerCase();
  if (/^(?=.{1,253}$)[a-z\d](?:[a-z\d-]*[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]*[a-z\d])?)*$/.test(name)) return name;
  throw usageError(`--allow-host is ${JSON.stringify(text.slice(0, 80))}; send one name, e.g. box.example.com.`, self);
}
