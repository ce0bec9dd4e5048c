import { printable } from "../../domain/text/plain-text.ts";
import type { Did } from "../clients/entry/edit.ts";
import type { Style } from "../terminal/style.ts";
import { hanging } from "../terminal/text-width.ts";
import { filesOfProject } from "./git-parts.ts";
import type { PlannedFile } from "./plan.ts";

// What is said of the files that `init` writes, takes out or leaves.

export function isFolder({ file }: PlannedFile): boolean {
  return file.endsWith("/");
}

export function asValue({ action, file, parts, target }: PlannedFile) {
  return { path: file, target, action, parts: parts.map(({ did, what }) => ({ what, did })) };
}

/** What becomes of each file. */
export function fileLines(
  { isDryRun, isRemoval, plan }: { isDryRun: boolean; isRemoval: boolean; plan: readonly PlannedFile[] },
  style: Style,
): string {
  const rows = plan.map((file) => [actionWord(file.action, isDryRun), nameOf(file), partsOf(file, isRemoval)] as const);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (text: string, column: number) => text.padEnd(widths[column] ?? 0);
  return rows
    .map(([action, name, parts]) => {
      const painted = action === "as it was" ? style.dim(pad(action, 0)) : style.good(pad(action, 0));
      const left = widths.reduce((sum, width) => sum + width + 2, 2);
      // What was done to a file stands below its name if there is no room beside it.
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
      return `${what}: stays, ${isRemoval ? whyItStays(planned) : "it is not ours"}`;
    })
    .join("; ");
}

function whyItStays(planned: PlannedFile): string {
  const { staysFor } = planned;
  if (staysFor !== undefined) return `for ${staysFor}`;
  return isOfProject(planned) ? "for the project's other clients" : "it is not ours";
}

/** Whether it belongs to no client, but to the project. */
function isOfProject(planned: PlannedFile): boolean {
  return filesOfProject.includes(planned.file) || isFolder(planned);
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
