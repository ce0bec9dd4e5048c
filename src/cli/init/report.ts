import { printable } from "../../domain/text/plain-text.ts";
import type { Choices } from "../../trust/root-trust.ts";
import type { Client, Setup } from "../clients/client.ts";
import type { Did } from "../clients/entry/edit.ts";
import type { Launch } from "../clients/entry/launch.ts";
import { isFault, type ReportingProblem } from "../clients/reporting/problems.ts";
import { mendChapter } from "../status/text.ts";
import type { Style } from "../terminal/style.ts";
import { hanging } from "../terminal/text-width.ts";
import { choiceLines } from "./choices.ts";
import { filesOfProject } from "./git-parts.ts";
import type { PlannedFile } from "./plan.ts";

export interface Report {
  readonly client: Client;
  readonly setup: Setup;
  readonly plan: readonly PlannedFile[];
  readonly isRemoval: boolean;
  readonly isDryRun: boolean;
  /** Whether anything was recorded in the project. */
  readonly hasStore: boolean;
  /** What was chosen for this machine. */
  readonly choices: Choices;
  /** What keeps agents from reporting, as it is now. */
  readonly problems: readonly ReportingProblem[];
}

/** What `init` did or would do, as a value for `--json`. */
export function initValue(report: Report): unknown {
  const { choices, client, isDryRun, isRemoval, plan, setup } = report;
  return {
    client: client.name,
    project: setup.project,
    dry_run: isDryRun,
    removed: isRemoval,
    changed: plan.some(({ action }) => action !== "keep"),
    launch: { ...setup.launch, note: launchNote(setup.launch) },
    files: plan
      .filter((one) => !isFolder(one))
      .map((one) => ({ ...asValue(one), ...(isDryRun ? { diff: one.diff } : {}) })),
    folders: plan.filter(isFolder).map(asValue),
    ...choicesValue(choices),
    ...(isRemoval ? {} : whatIsLeft(report)),
  };
}

function whatIsLeft({ client, problems, setup }: Report): Record<string, unknown> {
  return {
    to_mend: problems.filter(isFault),
    to_decide: problems.filter((problem) => !isFault(problem)),
    next: client.nextSteps(setup),
    first_try: client.firstTry,
  };
}

/** What was taken back is null, but for the holdout: without one, its share is 0. */
function choicesValue(choices: Choices): Record<string, unknown> {
  const nothing = (name: string) => (name === "holdout" ? 0 : null);
  return Object.fromEntries(Object.entries(choices).map(([name, value]) => [name, value ?? nothing(name)]));
}

function isFolder({ file }: PlannedFile): boolean {
  return file.endsWith("/");
}

export function asValue({ action, file, parts, target }: PlannedFile) {
  return { path: file, target, action, parts: parts.map(({ did, what }) => ({ what, did })) };
}

export function initText(report: Report, style: Style): string {
  const { client, isDryRun, plan, setup } = report;
  const isChange = plan.some(({ action }) => action !== "keep");
  const heading = `${style.bold(client.title)} in ${printable(setup.project)}${isDryRun ? " (dry run: nothing is written)" : ""}\n`;
  const diffs = isDryRun && isChange ? `\n${plan.map(({ diff }) => coloured(diff, style)).join("")}` : "";
  return `${heading}\n${fileLines(report, style)}${chosenText(report, style)}${diffs}${whatNext(report, isChange, style)}`;
}

function chosenText({ choices, isDryRun }: Report, style: Style): string {
  return choiceLines(choices, isDryRun)
    .map((line) => `\n${style.width === undefined ? line : hanging(line, 0, style)}\n`)
    .join("");
}

/** What becomes of each file. */
export function fileLines(
  { isDryRun, isRemoval, plan }: Pick<Report, "isDryRun" | "isRemoval" | "plan">,
  style: Style,
): string {
  const rows = plan.map((file) => [actionWord(file.action, isDryRun), nameOf(file), partsOf(file, isRemoval)] as const);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (text: string, column: number) => text.padEnd(widths[column] ?? 0);
  return rows
    .map(([action, name, parts]) => {
      const painted = action === "as it was" ? style.dim(pad(action, 0)) : style.good(pad(action, 0));
      const left = widths.reduce((sum, width) => sum + width + 2, 2);
      // What was done to a file stands below its name where there is no room beside it.
      const isNarrow = style.width !== undefined && style.width - left < ROOM_FOR_PARTS;
      const isLong = isNarrow && action.length + name.length + 4 > (style.width ?? 0);
      if (isNarrow) return `  ${painted}${isLong ? "\n " : "  "}${name}\n    ${hanging(parts, 4, style)}\n`;
      return `  ${painted}  ${pad(name, 1)}  ${style.width === undefined ? parts : hanging(parts, left, style)}\n`;
    })
    .join("");
}

const ROOM_FOR_PARTS = 36;

function actionWord(action: PlannedFile["action"], isDryRun: boolean): string {
  if (action === "keep") return "as it was";
  const [will, done] = { create: ["create", "created"], change: ["change", "changed"], delete: ["delete", "deleted"] }[
    action
  ];
  return (isDryRun ? will : done) ?? action;
}

function nameOf({ file, path, target }: PlannedFile): string {
  return target === path ? file : `${file} -> ${printable(target)}`;
}

const didWords: Readonly<Record<Did, string>> = {
  added: "added",
  updated: "brought up to date",
  removed: "taken out",
  nothing: "",
  left: "stays",
};

function partsOf(planned: PlannedFile, isRemoval: boolean): string {
  const { action, parts } = planned;
  return parts
    .map(({ did, what }) => {
      if (did === "nothing")
        return `${what}: ${action === "delete" || action === "create" ? "not there" : "nothing to do"}`;
      if (did !== "left") return `${what}: ${didWords[did]}`;
      return `${what}: stays, ${isRemoval && isOfProject(planned) ? "for the project's other clients" : "it is not ours"}`;
    })
    .join("; ");
}

/** Whether it belongs to no client, but to the project. */
function isOfProject(planned: PlannedFile): boolean {
  return filesOfProject.includes(planned.file) || isFolder(planned);
}

function whatNext(report: Report, isChange: boolean, style: Style): string {
  const { choices, client, hasStore, isDryRun, isRemoval, problems, setup } = report;
  if (isRemoval) {
    if (!isChange) return "\nkaizen-metrics is not installed here; nothing changed.\n";
    const rest = hasStore ? " What was recorded stays in .kaizen/metrics." : "";
    return isDryRun ? "" : `\n${hanging(`Start ${client.title} anew.${rest}`, 0, style)}\n`;
  }
  const isAlready = !isChange && Object.keys(choices).length === 0;
  const toMend = mendLines(report, style);
  if (isDryRun) return `${isAlready ? "\nNothing would change.\n" : ""}${toMend}`;
  if (isAlready) {
    const isForNone = problems.some(({ kind }) => kind === "server-off" || kind === "denied");
    const already = problems.some(isFault)
      ? `No file had to change, but ${isForNone ? "it works for no agent" : "it does not work for every agent"}.`
      : "Everything was there already. kaizen-metrics status says if it works.";
    return `\n${hanging(already, 0, style)}\n${toMend}`;
  }
  const steps = [...client.nextSteps(setup), `Ask: "${client.firstTry}"`];
  const next = steps.map((step, index) => `  ${index + 1}. ${hanging(step, 5, style)}\n`).join("");
  return `\n${hanging(launchNote(setup.launch), 0, style)}\n${toMend}\nNext:\n${next}`;
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

function launchNote(launch: Launch): string {
  if (launch.kind === "file") {
    return `These files contain a path on your machine: ${printable(launch.path)}
Before you commit them, install kaizen-metrics in the project and run init again.`;
  }
  if (launch.kind === "local")
    return "The files name the package in node_modules, and can be shared once it is in package.json.";
  return `This was run from a folder of npx that may be gone tomorrow, so the files start ${launch.packageSpec} through \
npx. That is slower; with npm install --save-dev kaizen-metrics, run init again from there.`;
}

/** Other people wrote what stands in a client's file: nothing of it may steer a terminal. */
export function coloured(diff: string, style: Style): string {
  const shown = style.width === undefined ? diff : printable(diff.replaceAll(/\r(?=\n)/g, ""));
  return shown
    .split(/(?<=\n)/)
    .map((line) => {
      const body = line.replace(/\n$/, "");
      const end = line.slice(body.length);
      if (/^(?:---|\+\+\+) /.test(line)) return style.bold(body) + end;
      if (line.startsWith("@@")) return style.dim(body) + end;
      return (line.startsWith("+") ? style.good(body) : line.startsWith("-") ? style.bad(body) : body) + end;
    })
    .join("");
}
