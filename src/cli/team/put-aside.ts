import { lstatSync, mkdirSync, readdirSync, renameSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { KaizenError } from "../../errors.ts";
import type { ImportReport } from "../../kaizen/import/import.ts";
import type { CommandContext, Outcome } from "../frame/define-command.ts";
import { importText } from "../import/report-text.ts";
import { type Source, sourceAt } from "../import/source.ts";
import { fileFailure } from "../input/file-failure.ts";

/** A project's own folder that moves into its team's store. */
export interface MovedFolder {
  readonly kaizenFolder: string;
  readonly source: Source;
  /** The files that have come, or have grown, since this was asked for the first time. */
  grown(): string[];
}

/** Looks at what there is to be moved; `undefined` if nothing is. */
export function folderToMove(kaizenFolder: string): MovedFolder | undefined {
  const metrics = join(kaizenFolder, "metrics");
  const source = sourceIn(metrics);
  if (source === undefined) return undefined;
  const before = sizesIn(metrics, source);
  return { kaizenFolder, source, grown: () => grownSince(before, metrics) };
}

/**
 * Ends a move into a team's store: the folder gets another name, so that nothing is read from it or written to it. It
 * stays in its place while anything in it is not in the store.
 */
export function moved(
  { kaizenFolder, source }: MovedFolder,
  { isDryRun, report }: { readonly isDryRun: boolean; readonly report: ImportReport },
  context: CommandContext,
): Outcome {
  const isComplete = report.problems.length + report.unnamed_problems === 0;
  const metrics = join(kaizenFolder, "metrics");
  const before = isComplete && !isDryRun ? sizesIn(metrics, source) : undefined;
  const aside = before === undefined ? undefined : putAside(kaizenFolder, context.now());
  const late = before === undefined || aside === undefined ? [] : grownSince(before, join(kaizenFolder, aside));
  const sentence = isDryRun
    ? ""
    : aside === undefined
      ? "The folder stays as it is, since not all of it was taken in: mend that, and begin again.\n"
      : `The folder is put aside as .kaizen/${aside}; start clients anew, for those that run still write to the old one.\n`;
  const lateSentence =
    late.length === 0 ? "" : `Something was written to it at the last moment: kaizen-metrics import .kaizen/${aside}\n`;
  return {
    value: {
      ...report,
      put_aside: aside === undefined ? null : `.kaizen/${aside}`,
      ...(late.length === 0 ? {} : { late }),
    },
    text: (style) => `${importText(report, style)}${sentence}${lateSentence}`,
    exitCode: isComplete && late.length === 0 ? 0 : 1,
  };
}

/** What is told if there is nothing to be moved: a move may have ended just before it was broken off. */
export function nothingToMove(kaizenFolder: string): Outcome {
  const aside = lstatSync(kaizenFolder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(kaizenFolder) : [];
  const last = aside
    .filter((name) => name.startsWith("metrics.moved-"))
    .sort()
    .at(-1);
  if (last === undefined) {
    throw new KaizenError("NOT_FOUND", "The project's folder holds nothing to move.", {
      hint: "Nothing was recorded here before the team's store was begun.",
    });
  }
  return {
    value: { put_aside: `.kaizen/${last}` },
    text: () => `There is nothing left to move: the folder is put aside as .kaizen/${last}.\n`,
  };
}

function sourceIn(metrics: string): Source | undefined {
  try {
    return sourceAt(metrics, { isMove: true });
  } catch (error) {
    if (error instanceof KaizenError && error.code === "NOT_FOUND") return undefined;
    throw error;
  }
}

function sizesIn(folder: string, { files }: Source): Map<string, number> {
  return new Map(
    files.map(({ name }) => [relative(folder, name), statSync(name, { throwIfNoEntry: false })?.size ?? 0]),
  );
}

function grownSince(before: ReadonlyMap<string, number>, folder: string): string[] {
  const source = sourceIn(folder);
  if (source === undefined) return [];
  return [...sizesIn(folder, source)].flatMap(([name, size]) => (before.get(name) === size ? [] : join(folder, name)));
}

/**
 * Gives the new name. One thing after the other goes there, so that what is broken off is begun again with the rest. What
 * this machine knows the folder by stays: without it, nothing would be confirmed any more.
 */
function putAside(kaizenFolder: string, now: number): string {
  const metrics = join(kaizenFolder, "metrics");
  const name = `metrics.moved-${new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, "")}`;
  for (const path of [kaizenFolder, metrics]) {
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) {
      throw new KaizenError("UNSAFE_PATH", `${path} is no folder, so it is left alone.`, {
        hint: "Everything is in the team's store. Look at what is there, and move it away.",
      });
    }
  }
  try {
    const aside = join(kaizenFolder, name);
    mkdirSync(aside, { recursive: true });
    for (const entry of readdirSync(metrics)) {
      if (entry !== ".locks") renameIfThere(join(metrics, entry), join(aside, entry));
    }
  } catch (error) {
    throw fileFailure(metrics, "put aside", error);
  }
  return name;
}

/** Another process may be putting the folder aside as well. */
function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
}
