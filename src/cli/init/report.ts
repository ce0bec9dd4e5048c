import { printable } from "../../domain/text/plain-text.ts";
import type { Choices } from "../../trust/root-trust.ts";
import type { Launch } from "../clients/entry/launch.ts";
import { isFault, type ReportingProblem } from "../clients/reporting/problems.ts";
import { mendChapter } from "../terminal/mend-chapter.ts";
import type { Style } from "../terminal/style.ts";
import { hanging } from "../terminal/text-width.ts";
import { choiceLines } from "./choices.ts";
import type { Connecting, PlannedFile } from "./plan.ts";
import { asValue, coloured, fileLines, isFolder } from "./plan-lines.ts";

export interface Report {
  readonly wanted: readonly Connecting[];
  /** Why these clients, if no name was given. */
  readonly notes: readonly string[];
  readonly project: string;
  readonly launch: Launch;
  readonly plan: readonly PlannedFile[];
  readonly isRemoval: boolean;
  readonly isDryRun: boolean;
  /** Whether anything was recorded in the project. */
  readonly hasStore: boolean;
  /** What was chosen for this machine. */
  readonly choices: Choices;
  /** Whether the project's history is in a team's store. */
  readonly isTeams: boolean;
  /** What keeps agents from reporting, as it is now. */
  readonly problems: readonly ReportingProblem[];
}

/** What `init` did or would do, as a value for `--json`. */
export function initValue(report: Report): unknown {
  const { choices, isDryRun, isRemoval, launch, notes, plan, project, wanted } = report;
  return {
    clients: wanted.map(({ client }) => client.name),
    ...(notes.length === 0 ? {} : { notes }),
    project,
    dry_run: isDryRun,
    removed: isRemoval,
    changed: plan.some(({ action }) => action !== "keep"),
    launch: { ...launch, note: launchNotes(report).join("\n") },
    files: plan
      .filter((one) => !isFolder(one))
      .map((one) => ({ ...asValue(one), ...(isDryRun ? { diff: one.diff } : {}) })),
    folders: plan.filter(isFolder).map(asValue),
    ...choicesValue(choices),
    ...(isRemoval ? {} : whatIsLeft(report)),
  };
}

function whatIsLeft(report: Report): Record<string, unknown> {
  const { problems } = report;
  return {
    to_mend: problems.filter(isFault),
    to_decide: problems.filter((problem) => !isFault(problem)),
    paste: pastes(report),
    next: nextSteps(report),
    first_try: report.wanted[0]?.client.firstTry ?? null,
  };
}

function pastes({ wanted }: Report) {
  return wanted.flatMap(({ client, setup }) => {
    const paste = client.paste?.(setup);
    return paste === undefined ? [] : [{ client: client.name, ...paste }];
  });
}

/** What to do in the clients then; each step says where, if there are several. */
function nextSteps({ isTeams, wanted }: Report): string[] {
  const inClients = wanted.flatMap(({ client, setup }) =>
    client.nextSteps(setup).map((step) => (wanted.length === 1 ? step : `${client.title}: ${step}`)),
  );
  return isTeams ? [ADDRESS_STEP, ...inClients] : inClients;
}

const ADDRESS_STEP =
  "This project has a team's store: set KAIZEN_STORE, without a password, where the client is started from, or as a variable of the server in the client's own settings. The password stays in ~/.pgpass. Then kaizen-metrics store trust, once.";

/** `A, B and C`. */
function titles({ wanted }: Report): string {
  const all = wanted.map(({ client }) => client.title);
  const last = all.at(-1) ?? "kaizen-metrics";
  return all.length < 2 ? last : `${all.slice(0, -1).join(", ")} and ${last}`;
}

/** What was taken back is null, but for the holdout: without one, its share is 0. */
function choicesValue(choices: Choices): Record<string, unknown> {
  const nothing = (name: string) => (name === "holdout" ? 0 : null);
  return Object.fromEntries(Object.entries(choices).map(([name, value]) => [name, value ?? nothing(name)]));
}

export function initText(report: Report, style: Style): string {
  const { isDryRun, notes, plan, project } = report;
  const isChange = plan.some(({ action }) => action !== "keep");
  const head = `${style.bold(titles(report))} in ${printable(project)}${isDryRun ? " (dry run: nothing is written)" : ""}`;
  const heading = [head, ...notes].map((line) => `${hanging(line, 0, style)}\n`).join("");
  const diffs = isDryRun && isChange ? `\n${plan.map(({ diff }) => coloured(diff, style)).join("")}` : "";
  const files = plan.length === 0 ? "" : `\n${fileLines(report, style)}`;
  return `${heading}${files}${chosenText(report, style)}${diffs}${whatNext(report, isChange, style)}`;
}

function chosenText({ choices, isDryRun }: Report, style: Style): string {
  return choiceLines(choices, isDryRun)
    .map((line) => `\n${style.width === undefined ? line : hanging(line, 0, style)}\n`)
    .join("");
}

function whatNext(report: Report, isChange: boolean, style: Style): string {
  const { choices, hasStore, isDryRun, isRemoval, problems, wanted } = report;
  if (isRemoval) {
    if (!isChange) return "\nkaizen-metrics is not installed here; nothing changed.\n";
    const rest = hasStore ? " What was recorded stays in .kaizen/metrics." : "";
    const anew = wanted.length === 0 ? "" : `Start ${titles(report)} anew.`;
    return isDryRun ? "" : `\n${hanging(`${anew}${rest}`.trim(), 0, style)}\n`;
  }
  const isAlready = !isChange && Object.keys(choices).length === 0;
  const toMend = mendLines(report, style);
  const toPaste = pasteText(report, style);
  if (isDryRun) return `${isAlready && toPaste === "" ? "\nNothing would change.\n" : ""}${toPaste}${toMend}`;
  if (isAlready && toPaste === "") {
    const isForNone = problems.some(({ kind }) => kind === "server-off" || kind === "denied");
    const already = problems.some(isFault)
      ? `No file had to change, but ${isForNone ? "it works for no agent" : "it does not work for every agent"}.`
      : "Everything was there already. kaizen-metrics status says if it works.";
    return `\n${hanging(already, 0, style)}\n${toMend}`;
  }
  const firstTry = wanted[0]?.client.firstTry;
  const steps = [...nextSteps(report), ...(firstTry === undefined ? [] : [`Ask: "${firstTry}"`])];
  const next = steps.map((step, index) => `  ${index + 1}. ${hanging(step, 5, style)}\n`).join("");
  const launch = launchNotes(report).map((note) => `\n${hanging(note, 0, style)}\n`);
  return `${launch.join("")}${toPaste}${toMend}${next === "" ? "" : `\nNext:\n${next}`}`;
}

/** For clients that keep their servers outside of the project, where nothing is written. */
function pasteText(report: Report, style: Style): string {
  return pastes(report)
    .map(({ client, text, where }) => {
      const why = `${client} has no file in a project for servers, and init writes nothing outside of it. Put this into ${where}:`;
      return `\n${hanging(why, 0, style)}\n\n${text}\n`;
    })
    .join("");
}

/** What keeps agents from reporting, with what mends it, in status's words. A dry run shows what is so before. */
function mendLines({ problems }: Report, style: Style): string {
  const chapters = [
    mendChapter(style.warning("To mend:"), problems.filter(isFault), style),
    mendChapter(
      "For you to decide:",
      problems.filter((problem) => !isFault(problem)),
      style,
    ),
  ];
  return chapters.map((text) => (text === "" ? "" : `\n${text}`)).join("");
}

/** What the files name, a note for each way that there is. */
function launchNotes({ plan, wanted }: Report): string[] {
  const changed = plan.map(({ file }) => file);
  const writes = wanted.filter(({ client, setup }) => client.parts(setup).some(({ file }) => changed.includes(file)));
  return [...new Set(writes.map(launchNote))];
}

function launchNote(one: Connecting): string {
  const { launch } = one.setup;
  const isAlways = one.client.startsAnywhere === true;
  if (launch.kind === "file" && isAlways) {
    return `Files of clients that may start a server in any folder contain paths on your machine: ${printable(launch.path)}
Leave them out of commits.`;
  }
  if (launch.kind === "file") {
    return `These files contain a path on your machine: ${printable(launch.path)}
Before you commit them, install kaizen-metrics in the project and run init again.`;
  }
  if (launch.kind === "local") {
    const shared = "The files name the package in node_modules, and can be shared once it is in package.json";
    const own = filesOfMachine(one).join(" and ");
    return own === "" ? `${shared}.` : `${shared}.\nBut ${own} has your folder's path: leave it out of commits.`;
  }
  return `This was run from a folder of npx that may be gone tomorrow, so the files start ${launch.packageSpec} through \
npx. That is slower; with npm install --save-dev kaizen-metrics, run init again from there.`;
}

/** The files that name the project's folder: on Windows no variable of a client may stand in a hook. */
function filesOfMachine({ client, setup }: Connecting): string[] {
  const folder = setup.project.replaceAll("\\", "/");
  const parts = client.parts(setup).filter(({ edits }) => edits.some(({ paste }) => paste.includes(folder)));
  return parts.map(({ file }) => file);
}
