import { lstatSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { KaizenError } from "../../errors.ts";
import type { ImportReport } from "../../kaizen/import/import.ts";
import type { CommandContext, Outcome } from "../frame/define-command.ts";
import { importText } from "../import/report-text.ts";
import { fileFailure } from "../input/file-failure.ts";

/**
 * Ends a move into a team's store: the folder gets another name, so that nothing is read from it or written to it. It
 * stays in its place while anything in it is not in the store.
 */
export function moved(report: ImportReport, kaizenFolder: string, isDryRun: boolean, context: CommandContext): Outcome {
  const isComplete = report.problems.length + report.unnamed_problems === 0;
  const aside = isComplete && !isDryRun ? putAside(kaizenFolder, context.now()) : undefined;
  const sentence = isDryRun
    ? ""
    : aside === undefined
      ? "The folder stays as it is, since not all of it was taken in: mend that, and begin again.\n"
      : `The folder is put aside as .kaizen/${aside}; start clients anew, for those that run still write to the old one.\n`;
  return {
    value: { ...report, put_aside: aside === undefined ? null : `.kaizen/${aside}` },
    text: (style) => `${importText(report, style)}${sentence}`,
    exitCode: isComplete ? 0 : 1,
  };
}

/** Gives the new name. What this machine knows the folder by stays: without it, nothing would be confirmed any more. */
function putAside(kaizenFolder: string, now: number): string {
  const metrics = join(kaizenFolder, "metrics");
  const name = `metrics.moved-${new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, "")}`;
  const aside = join(kaizenFolder, name);
  for (const path of [kaizenFolder, metrics]) {
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) {
      throw new KaizenError("UNSAFE_PATH", `${path} is no folder, so it is left alone.`, {
        hint: "Everything is in the team's store. Look at what is there, and move it away.",
      });
    }
  }
  try {
    renameSync(metrics, aside);
    mkdirSync(metrics);
    const locks = join(aside, ".locks");
    if (lstatSync(locks, { throwIfNoEntry: false })?.isDirectory() === true) {
      renameSync(locks, join(metrics, ".locks"));
    }
  } catch (error) {
    throw fileFailure(metrics, "put aside", error);
  }
  return name;
}
