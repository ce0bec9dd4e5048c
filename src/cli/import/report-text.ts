import { plainLine } from "../../domain/text/plain-text.ts";
import type { ImportReport } from "../../kaizen/import/import.ts";
import { counted } from "../../messages/figures.ts";
import type { Style } from "../terminal/style.ts";
import { fields } from "../terminal/table.ts";

const SHOWN_PROBLEMS = 20;

const analysisWords = {
  added: "added",
  already_there: "already there",
  kept_ours: "not taken: there is one here, and nobody can say which is the later",
};

/** What came in, what did not and why, and what is left out on purpose. */
export function importText(report: ImportReport, style: Style): string {
  const {
    analysis,
    dry_run,
    left_out,
    problems,
    recommendation_changes,
    recommendations,
    reordered,
    runs,
    verifications,
    beside,
  } = report;
  const rows: [string, string][] = [
    ["Runs", counts(runs)],
    ["Checks", counts(verifications)],
    ["Seen by hooks", counts(beside?.lifecycle ?? {})],
    ["Evidence", counts(beside?.evidence ?? {})],
    ["Voided", counts(beside?.voided ?? {})],
    ["Recommendations", counts(recommendations)],
    ["Their changes", counts(recommendation_changes)],
    ["Analysis", analysis === null ? "" : analysisWords[analysis]],
    ["Damaged lines", report.damaged_lines === 0 ? "" : String(report.damaged_lines)],
    ["Put in order", reordered.map((agent) => plainLine(agent, 64)).join(", ")],
  ];
  const shown = problems.slice(0, SHOWN_PROBLEMS);
  const more = problems.length - shown.length + report.unnamed_problems;
  const lines = [
    ...(dry_run ? [`${style.bold("Nothing was changed.")} This is what an import would do:`] : []),
    fields(rows, style).trimEnd() || "There was nothing to import.",
    ...shown.map(
      ({ file, line, reason }) =>
        `${style.warning("not taken")}  ${plainLine(file, 300)}${line === null ? "" : `, line ${line}`}: ${plainLine(reason, 300)}`,
    ),
    ...(more > 0 ? [style.dim(`and ${counted(more, "problem")} more`)] : []),
    ...left_out.map((sentence) => plainLine(sentence, 600)),
  ];
  return `${lines.join("\n")}\n`;
}

/** `3 added, 2 already there`; nothing where there was nothing. */
function counts(parts: Readonly<Record<string, number>>): string {
  return Object.entries(parts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${words[name] ?? name.replaceAll("_", " ")}`)
    .join(", ");
}

const words: Readonly<Record<string, string>> = {
  expired: "expired and left out",
  conflicts: "in conflict",
  outdated: "outdated by a later one",
  unknown_run: "of runs that are not here",
};
