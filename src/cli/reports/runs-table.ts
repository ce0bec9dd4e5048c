import type { JsonObject, JsonValue } from "../../domain/text/json.ts";
import {
  decisiveVerifier,
  foldVerifications,
  outcomeOf,
  standingWords,
} from "../../domain/verification/verification.ts";
import type { VoidedRun } from "../../kaizen/kaizen.ts";
import type { CountedRun } from "../../kaizen/queries/run-list.ts";
import { decimal } from "../../messages/figures.ts";
import { saidOfRuns } from "../../messages/said.ts";
import { checkWords, outcomeWord } from "../../messages/verification.ts";
import type { Style } from "../terminal/style.ts";
import { type Cell, type Column, table } from "../terminal/table.ts";

/** A run as it is listed. One that was voided counts nowhere, and is shown struck through. */
export interface ListedRun extends CountedRun {
  /** Others say exactly the same, and have its id too. */
  readonly isOneOfSeveral?: boolean;
  readonly voided?: Pick<VoidedRun, "reason" | "by" | "via" | "unproven" | "timestamp">;
}

/** A voided run, as it stood when it was taken back. */
export function listedVoided({ agent, execution, verifications, ...run }: VoidedRun): ListedRun {
  const { by, reason, timestamp, unproven, via } = run;
  const [said] = foldVerifications(verifications).values();
  const success = said === undefined ? execution.success : outcomeOf(said);
  const standing = { ...(via === undefined ? {} : { via }), ...(unproven === undefined ? {} : { unproven }) };
  return { agent, execution, verifications, success, voided: { reason, by, ...standing, timestamp } };
}

/** Runs with those that were voided, newest first. */
export function withVoided(runs: readonly ListedRun[], voided: readonly ListedRun[]): ListedRun[] {
  const timeOf = ({ execution }: ListedRun) => execution.at ?? Number.NEGATIVE_INFINITY;
  return voided.length === 0 ? [...runs] : [...runs, ...voided].sort((a, b) => timeOf(b) - timeOf(a));
}

/** A run for `--json`: what counts, what it said of itself, and its whole record. */
export function runFigures({ agent, execution, success, verifications, voided }: ListedRun) {
  const { id, record, success: claimed } = execution;
  const said = saidOfRuns(new Map([[id, verifications]]))?.[id];
  return {
    id,
    agent,
    success,
    claimed,
    verified_by: verifierOf(verifications),
    ...(said === undefined ? {} : { verifications: said }),
    ...(voided === undefined ? {} : { voided }),
    run: record,
  };
}

const columns: readonly Column[] = [
  { title: "ended" },
  { title: "agent", flexible: true, least: 12 },
  { title: "outcome" },
  { title: "checks", dispensable: 1 },
  { title: "quality", align: "right", dispensable: 5 },
  { title: "time", align: "right", dispensable: 4 },
  { title: "task", flexible: true, dispensable: 3 },
  { title: "id", dispensable: 2 },
  { title: "error or notes", flexible: true, below: true, dispensable: 0 },
];

export function runsTable(runs: readonly ListedRun[], { isOfAll }: { isOfAll: boolean }, style: Style): string {
  const rows = runs.map((run): Cell[] => {
    const { agent, execution, success, verifications, voided } = run;
    const { id, quality, record, success: claimed, timeS, timestamp } = execution;
    const cells: Cell[] = [
      style.when(timestamp),
      agent,
      { text: outcomeWord(success), paint: success ? style.good : style.bad },
      voided === undefined ? checkWords(claimed, standingWords(verifications)) : "voided",
      quality === undefined ? "" : decimal(quality, 2),
      timeS === undefined ? "" : `${decimal(timeS, 1)} s`,
      textOf(record.task),
      id,
      voided === undefined ? errorOrNotes(record) : voided.reason,
    ];
    return voided === undefined ? cells : cells.map((cell) => ({ text: textIn(cell), paint: style.struck }));
  });
  const meant = isOfAll ? columns : columns.toSpliced(1, 1);
  return table(meant, isOfAll ? rows : rows.map((cells) => cells.toSpliced(1, 1)), style);
}

function verifierOf(verifications: CountedRun["verifications"]) {
  const [run] = foldVerifications(verifications).values();
  return (run === undefined ? undefined : decisiveVerifier(run)) ?? null;
}

function textIn(cell: Cell): string {
  return typeof cell === "string" ? cell : cell.text;
}

export function errorOrNotes(record: JsonObject): string {
  const error = [record.error_type, record.error].map(textOf).filter((text) => text !== "");
  return error.length > 0 ? error.join(": ") : textOf(record.notes);
}

/** Other writers may have put anything there. */
export function textOf(value: JsonValue | undefined): string {
  return value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);
}
