import { outcomeLetter } from "../../domain/dashboard/letters.ts";
import { roundedTime } from "../../domain/dashboard/rated.ts";
import type { RunModel, RunsModel } from "../../domain/dashboard/run-models.ts";
import type { AgentName } from "../../domain/run/agent-name.ts";
import type { Execution } from "../../domain/run/execution.ts";
import { formatInstant } from "../../domain/run/time.ts";
import { roundHalfEven } from "../../domain/statistics/rounding.ts";
import { plainLine } from "../../domain/text/plain-text.ts";
import {
  contradictionIn,
  decisiveVerifier,
  foldVerifications,
  standingWords,
  verifiedOutcome,
} from "../../domain/verification/verification.ts";
import { KaizenError } from "../../errors.ts";
import type { FoundRun, Store } from "../../storage/store.ts";
import { READ_AT_ONCE } from "../base/whole-store.ts";
import { NAME_CHARACTERS } from "./agent-row.ts";

/** What the table of runs is asked for. */
export interface RunsQuery {
  readonly agent: string;
  readonly outcome?: "success" | "failure" | "refuted" | "verified" | undefined;
  /** Is to be in the record, as its JSON; upper and lower case are one. */
  readonly text?: string | undefined;
  readonly cursor?: string | undefined;
}

const ROWS = 50;
/** So many runs are looked at before the answer says that there are more: who wants them all asks on, and sees how far it is. */
const LOOKED_AT = 2_000;
const WORDS_CHARACTERS = 300;
const RECORD_CHARACTERS = 100_000;

type Row = RunsModel["runs"][number];

/** A page of an agent's runs, newest first, searched for what was asked within a budget. */
export async function runsModel(
  store: Pick<Store, "runs">,
  agent: AgentName,
  { cursor, outcome, text = "" }: RunsQuery,
  signal?: AbortSignal,
): Promise<RunsModel> {
  const wanted = text.toLowerCase();
  const names = new RowNames();
  const runs: Row[] = [];
  let searched = 0;
  let next = cursor;
  do {
    signal?.throwIfAborted();
    // A page ends with the last row that is shown, so that the next one begins behind it.
    const limit = outcome === undefined && wanted === "" ? ROWS - runs.length : READ_AT_ONCE;
    const page = await store.runs.page(agent, { filter: {}, limit, cursor: next });
    searched += page.executions.length;
    for (const execution of page.executions) {
      const verifications = page.verifications.get(execution.id) ?? [];
      const row = runRow({ execution, verifications }, names.of(execution));
      if (isWanted(row, outcome) && (wanted === "" || textOf(execution).includes(wanted))) runs.push(row);
    }
    next = page.nextCursor;
  } while (next !== undefined && runs.length < ROWS && searched < LOOKED_AT);
  return {
    kind: "runs",
    version: 1,
    agent: plainLine(agent, NAME_CHARACTERS),
    runs,
    next_cursor: next ?? null,
    searched,
    is_complete: next === undefined,
  };
}

function isWanted({ outcome: letter, verified_by }: Row, outcome: RunsQuery["outcome"]): boolean {
  if (outcome === undefined) return true;
  if (outcome === "verified") return verified_by !== null;
  if (outcome === "refuted") return letter === "r";
  return (letter === "s" || letter === "p") === (outcome === "success");
}

function textOf({ record }: Execution): string {
  return JSON.stringify(record).toLowerCase();
}

function runRow({ execution, verifications }: FoundRun, id: string): Row {
  const { at, quality, record, success, timeS } = execution;
  const [said] = foldVerifications(verifications).values();
  const found = said === undefined ? undefined : verifiedOutcome(said);
  const decisive = said === undefined ? undefined : decisiveVerifier(said);
  const error = [record.error_type, record.error].filter((part) => typeof part === "string" && part !== "");
  const words = error.length > 0 ? error.join(": ") : typeof record.notes === "string" ? record.notes : "";
  return {
    id,
    at: at === undefined ? null : formatInstant(at),
    outcome: outcomeLetter(success, found ?? success),
    verified_by: decisive ?? null,
    task: typeof record.task === "string" ? plainLine(record.task, NAME_CHARACTERS) : null,
    model: typeof record.model === "string" ? plainLine(record.model, NAME_CHARACTERS) : null,
    time_s: roundedTime(timeS),
    quality: quality === undefined ? null : roundHalfEven(quality, 3),
    words: plainLine(words, WORDS_CHARACTERS),
  };
}

/** What the rows of a page are told apart by: runs that say exactly the same share an id, and are numbered. */
class RowNames {
  readonly #copies = new Map<string, number>();

  of({ id }: Execution): string {
    const copies = (this.#copies.get(id) ?? 0) + 1;
    this.#copies.set(id, copies);
    return copies === 1 ? id : `${id}.${copies}`;
  }
}

/** Everything about one run. Fails with `NOT_FOUND` if no live one is called so in the table. */
export async function runModel(
  store: Pick<Store, "runs">,
  agent: AgentName,
  id: string,
  seenOf: (key: string) => Promise<readonly string[]>,
): Promise<RunModel> {
  const found = await store.runs.find(agent, id.split(".", 1)[0] ?? "");
  if (found === undefined) {
    throw new KaizenError(
      "NOT_FOUND",
      `${plainLine(agent, NAME_CHARACTERS)} has no run ${JSON.stringify(id.slice(0, 80))}.`,
    );
  }
  const { execution, verifications } = found;
  const record = JSON.stringify(execution.record, null, 2);
  const counting = new Set(standingWords(verifications).filter(({ unproven }) => !unproven));
  const [said] = foldVerifications(verifications).values();
  const contradiction = said === undefined ? undefined : contradictionIn(said);
  return {
    kind: "run",
    version: 1,
    agent: plainLine(agent, NAME_CHARACTERS),
    id,
    run: runRow(found, id),
    record: cleaned(record.length > RECORD_CHARACTERS ? `${record.slice(0, RECORD_CHARACTERS)}\n… (cut)` : record),
    verifications: verifications.map((one) => ({
      by: one.verified_by,
      success: one.withdrawn ? null : one.success,
      at: one.timestamp,
      counts: counting.has(one),
      words: plainLine(one.evidence ?? "", WORDS_CHARACTERS),
    })),
    seen: [
      ...(contradiction === undefined ? [] : [contradiction]),
      ...(execution.key === undefined ? [] : await seenOf(execution.key)),
    ],
  };
}

/** Indented JSON keeps its lines; what a line may hide is shown. */
function cleaned(json: string): string {
  return json
    .split("\n")
    .map((line) => line.replaceAll(/[^\P{C}\t]/gu, "?"))
    .join("\n");
}
