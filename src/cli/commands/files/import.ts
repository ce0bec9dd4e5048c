import { join, resolve } from "node:path";
import { KaizenError, NOTHING_WRITTEN } from "../../../errors.ts";
import type { Importer, ImportReport, ImportRequest } from "../../../kaizen/import/import.ts";
import { counted } from "../../../messages/figures.ts";
import { agentShell } from "../../caller/caller.ts";
import { type CommandContext, defineCommand, type Outcome } from "../../frame/define-command.ts";
import { usageError } from "../../frame/parse-arguments.ts";
import { isReportForm } from "../../import/report-form.ts";
import { importText } from "../../import/report-text.ts";
import { type Source, sourceAt, stdinSource } from "../../import/source.ts";
import { folderToMove, moved, nothingToMove } from "../../team/put-aside.ts";

const self = { name: "import" };

export const importRuns = defineCommand({
  ...self,
  group: "files",
  summary: "Take in runs, everything from another store, or what CI's tests say of a commit",
  usage:
    "import PATH [--agent NAME] [--dry-run]\n       kaizen-metrics import --from .kaizen [--dry-run]\n       kaizen-metrics import (junit | tap | vitest) FILE --commit SHA",
  details: [
    `PATH is a file with a record on each line, as executions.jsonl and export have them, or a folder: a project, its
.kaizen/metrics, or one agent's; "-" is stdin, read as a file is. From a store come the runs, what verifications found of
them, the recommendations with what became of them, and the optimizer's report where there is none yet.`,
    `Nothing comes in twice, however often it is imported and from whichever copy. A run is known by its idempotency_key,
else by its id, else by what it says: then as many copies are here as the source has. Records keep every key and
their time; logs are put in the order of time afterwards, for trend and last_execution go by it.`,
    `A run without an agent's name gets that of its folder; --agent puts everything under one name. Runs older than the
retention period are counted and left out. A time more than a day ahead of this machine's clock is refused, as by record.`,
    `With junit, tap or vitest before it, FILE is the report of a test run, and says what CI found of --commit: its runs are
verified as by verify --commit. A report in which no test ran says nothing. Names of tests are counted, and not kept.`,
    `With --from .kaizen, everything that the project's own folder has moves into its team's store, also what hooks saw, evidence
and voided runs, and the folder is put aside under another name, so that there is one history. Broken off, it is begun
again: nothing comes in twice. What stays behind is named.`,
    `Exit status: 1 where something could not be taken in: damaged lines, a run that differs from the one here with the same
key or id, a run without an agent or of the future, a verification without its run, a link or something else where a file belongs.`,
  ],
  flags: {
    agent: { type: "string", value: "NAME", description: "Whose runs they are, whatever the source says" },
    commit: { type: "string", value: "SHA", description: "What was tested, with junit, tap or vitest" },
    from: { type: "string", value: ".kaizen", description: "Move this project's folder into its team's store" },
    "dry-run": { type: "boolean", description: "Say what would come in, and change nothing" },
  },
  positionals: {
    path: { description: 'A file of records, a folder, or "-" for stdin' },
    file: { description: `Behind junit, tap or vitest: the report, or "-" for stdin` },
  },
  examples: [
    ["kaizen-metrics import ../other-clone", "Merge the history of another clone or machine"],
    ["kaizen-metrics import runs.jsonl --dry-run", "What would come in from a file"],
    ["ssh build kaizen-metrics export --root /srv/project | kaizen-metrics import -", "The runs of another machine"],
    ['kaizen-metrics import junit report.xml --commit "$GITHUB_SHA"', "In CI: what the tests say of this commit"],
    ["kaizen-metrics import old.jsonl --agent code-reviewer", "Records that name no agent, or another one"],
  ],
  async run({ flags: { agent, commit, "dry-run": dryRun, from }, positionals: { file, path: named } }, context) {
    if (from !== undefined && (named !== undefined || agent !== undefined || commit !== undefined)) {
      throw usageError("--from goes with --dry-run alone.", self);
    }
    if (from !== undefined) return move(from, dryRun === true, context);
    if (named === undefined) throw usageError("import needs PATH, or --from .kaizen.", self);
    if (file !== undefined) {
      if (!isReportForm(named)) throw usageError(`${JSON.stringify(file.slice(0, 80))} is not expected here.`, self);
      if (agent !== undefined || dryRun === true) throw usageError(`import ${named} takes --commit alone.`, self);
      const { importTestReport } = await import("../../import/test-report.ts");
      return importTestReport(named, file, commit, context);
    }
    if (commit !== undefined)
      throw usageError("--commit goes with junit, tap or vitest, and a report behind it.", self);
    if (named === "") throw usageError("PATH names nothing.", self);
    if (named === "-" && context.stdin.isTerminal) {
      throw usageError("stdin is a terminal: pipe records into it, or name a file or folder.", self);
    }
    const source = named === "-" ? stdinSource(context.stdin.chunks()) : sourceAt(named);
    if (agent !== undefined && source.agents.length > 1) {
      throw usageError(
        `--agent is one name, and ${named.slice(0, 300)} has ${source.agents.length} agents: import each folder.`,
        self,
      );
    }
    const report = await take(source, { agent, isDryRun: dryRun === true }, context);
    return { value: report, text: (style) => importText(report, style), exitCode: isComplete(report) ? 0 : 1 };
  },
});

/** Takes in everything of a source, and nothing twice. */
async function take(
  source: Source,
  how: Pick<ImportRequest, "agent" | "hasVoided" | "isDryRun" | "isMove">,
  context: CommandContext,
  grown = (): readonly string[] => [],
): Promise<ImportReport> {
  const kaizen = await context.kaizen();
  const importer = await kaizen.importer({
    ...how,
    onProgress: (records) => context.progress.step("records read", records),
    isUnproven: agentShell(context) !== undefined,
  });
  return takeAll(importer, source, grown);
}

/** Moves the project's own folder to where its history is from now on. */
async function move(from: string, isDryRun: boolean, context: CommandContext): Promise<Outcome> {
  const kaizenFolder = await ownFolder(from, context);
  const folder = folderToMove(kaizenFolder);
  if (folder === undefined) return nothingToMove(kaizenFolder);
  const hasVoided = folder.source.files.some(({ kind }) => kind === "voided");
  const report = await take(folder.source, { hasVoided, isDryRun, isMove: true }, context, folder.grown);
  return moved(folder, { isDryRun, report }, context);
}

/** The project's own folder, which is moved to where its history is from now on. */
async function ownFolder(from: string, context: CommandContext): Promise<string> {
  const { machine } = context;
  const own = join((await context.project()).path, ".kaizen");
  if (machine.realPath(resolve(from)) !== machine.realPath(own)) {
    throw usageError("--from takes the project's own .kaizen; what others have comes in by import PATH.", self);
  }
  if ((await context.store()).kind === "folder") {
    throw new KaizenError("NO_STORE", "This project's history is in its folder already: there is nothing to move.", {
      hint: "Begin a team's store first: kaizen-metrics init --store ADDRESS --project NAME.",
    });
  }
  return own;
}

async function takeAll(importer: Importer, source: Source, grown: () => readonly string[]): Promise<ImportReport> {
  try {
    for (const file of source.files) await importer.take(file);
    for (const { path, what } of source.unsafe) importer.leave(path, `it is ${what}, and was left alone`);
    for (const path of grown())
      importer.leave(path, "it grew while it was read; stop what writes to it, and begin again");
    return await importer.finish(source.leftOut);
  } catch (error) {
    const { code, hint, message } = asKaizenError(error);
    const again = "Import again once the cause is gone: what is here is not added again.";
    throw new KaizenError(code, `${message.replace(NOTHING_WRITTEN, ".")} ${addedText(importer)}`, {
      hint: hint === undefined ? again : `${hint} ${again}`,
      cause: error,
    });
  }
}

/** The store speaks of the write that failed; an import has many, and says what all of them have added. */
function addedText({ added: { verifications, runs } }: Importer): string {
  const andVerifications = verifications === 0 ? "" : ` and ${counted(verifications, "verification")}`;
  return `${counted(runs, "run")}${andVerifications} had been added.`;
}

/** The store says what went wrong in its own words; what is left is a source that could not be read to its end. */
function asKaizenError(error: unknown): KaizenError {
  if (error instanceof KaizenError) return error;
  if (!(error instanceof Error && "code" in error && typeof error.code === "string")) throw error;
  return new KaizenError("IO_ERROR", `The source could not be read to its end (${error.code}).`);
}

/** What has expired is left out as it should be; everything else that did not come in is a problem. */
function isComplete({ problems, unnamed_problems }: ImportReport): boolean {
  return problems.length + unnamed_problems === 0;
}
