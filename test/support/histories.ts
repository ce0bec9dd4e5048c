import { readRun } from "../../src/adr004/run-line.ts";
import { addToHistory, emptyHistory, type HistoryView, viewWhole } from "../../src/domain/history/history.ts";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
import type { JsonObject } from "../../src/domain/text/json.ts";

/** The view of a history that holds these records, none of them expired. Records that are no runs are left out. */
export async function viewOf(records: readonly JsonObject[]): Promise<HistoryView> {
  const history = emptyHistory();
  for (const [place, record] of records.entries()) {
    const execution = readRun(record);
    if (execution !== undefined) addToHistory(history, execution, place);
  }
  return viewWhole(history);
}

/** When the first run of a made-up history ends. */
const FIRST_AT = Date.UTC(2026, 10, 1);

/** The timestamp of the n-th run (from 1) of a made-up history: one run an hour. */
export function timestampOf(ordinal: number): string {
  return formatInstant(FIRST_AT + ((ordinal - 1) * DAY_MS) / 24);
}

/** The id of the n-th run (from 1) of a made-up history. */
export function idOf(ordinal: number): string {
  return `run_${ordinal.toString(16).padStart(20, "0")}`;
}

/** Records from a picture, oldest first: `+` for a success, `-` for a failure, spaces for the eye. */
export function recordsOf(picture: string, extra: (ordinal: number, success: boolean) => JsonObject = () => ({})) {
  return [...picture.replaceAll(" ", "")].map((mark, index): JsonObject => {
    const success = mark === "+";
    return { id: idOf(index + 1), success, timestamp: timestampOf(index + 1), ...extra(index + 1, success) };
  });
}
