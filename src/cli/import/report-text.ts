import { plainLine } from "../../domain/text/plain-text.ts";
import type { ImportProblems, ImportReport } from "../../kaizen/import/import.ts";
import { counted } from "../../messages/figures.ts";
import type { Style } from "../terminal/style.ts";
import { fields } from "../terminal/table.ts";

const SHOWN_PROBLEMS = 20;

const analysisWords = {
  added: "added",
  already_there: "already there",
  kept_ours: "not taken: there is one here, and neither says which is the later",
};

/** What came in, what did not and why, and what is left out on purpose. */
export function importText(report: ImportReport, style: Style): string {
  const {
    analysis,
    dry_run,
    left_out,
    problems,
    problems_by_reason,
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
  const shown = problems_by_reason.slice(0, SHOWN_PROBLEMS);
  const more = problems.length + report.unnamed_problems - shown.reduce((sum, { count }) => sum + count, 0);
  const lines = [
    ...(dry_run ? [`${style.bold("Nothing was changed.")} This is what an import would do:`] : []),
    fields(rows, style).trimEnd() || "There was nothing to import.",
    ...shown.map((problem) => `${style.warning("not taken")}  ${problemText(problem)}`),
    ...(more > 0 ? [style.dim(`and ${counted(more, "problem")} more`)] : []),
    ...left_out.map((sentence) => plainLine(sentence, 600)),
  ];
  return `${lines.join("\n")}\n`;
}

/** Where, and why; and how many more there are for the same reason. */
function problemText({ count, file, line, reason }: ImportProblems): string {
  const place = `${plainLine(file, 300)}${line === null ? "" : `, line ${line}`}`;
  return `${place}: ${plainLine(reason, 300)}${count === 1 ? "" : ` (and ${count - 1} more like it)`}`;
}

/** `3 added, 2 already there`; nothing if there was nothing. */
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
