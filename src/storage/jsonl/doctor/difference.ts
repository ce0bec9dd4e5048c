import type { HistoryView } from "../../../domain/history/history.ts";
import { isJsonObject, type JsonObject, type JsonValue, sameJson } from "../../../domain/text/json.ts";

/** So much is shown of a value that another program may have written. */
const SHOWN_CHARACTERS = 60;

/** Names the first thing in which a summary is not the one that the log gives; `undefined` if they agree. */
export function differenceOfSummaries(found: JsonObject, byLog: JsonObject): string | undefined {
  if (sameJson(found, byLog)) return undefined;
  const { execution_count: runs } = found;
  const miscounted =
    typeof runs === "number" ? miscount(runs, byLog.execution_count, "run", "", " that have not expired") : undefined;
  return miscounted ?? differenceOf(found, byLog, "");
}

function differenceOf(found: JsonObject, byLog: JsonObject, path: string): string | undefined {
  for (const name of new Set([...Object.keys(byLog), ...Object.keys(found)])) {
    const [was, is] = [found[name], byLog[name]];
    const key = `${path}${name}`;
    if (sameJson(was, is)) continue;
    if (is === undefined) return `it has ${shown(key)}, which belongs in no summary`;
    if (was === undefined) return `it has no ${key}`;
    if (isJsonObject(was) && isJsonObject(is)) return differenceOf(was, is, `${key}.`);
    return `its ${key} is ${shown(was)}, and by the log it is ${shown(is)}`;
  }
  return undefined;
}

/** What an index makes of a log, and what the log says. */
export interface Known {
  readonly live: HistoryView;
  readonly damagedLines: number;
}

/** Names the first thing in which what is known by an index is not what the log gives. */
export function differenceOfViews(found: Known, byLog: Known): string | undefined {
  const [was, is] = [found.live, byLog.live];
  const miscounted =
    miscount(was.tally.runs, is.tally.runs, "run") ??
    miscount(found.damagedLines, byLog.damagedLines, "line", " as damaged") ??
    miscount(was.tally.successes, is.tally.successes, "run", " as successful");
  if (miscounted !== undefined) return miscounted;
  if (was.failures.length !== is.failures.length) return "the last failures that it knows are not those of the log";
  const recent = ({ recent }: HistoryView) => JSON.stringify(recent.map(({ ordinal: _, ...run }) => run));
  return recent(was) === recent(is) ? undefined : "the last runs that it knows are not those of the log";
}

function miscount(found: number, inLog: JsonValue | undefined, unit: string, as = "", which = ""): string | undefined {
  if (found === inLog) return undefined;
  return `it counts ${found} ${found === 1 ? unit : `${unit}s`}${as}, and the log has ${inLog}${which}`;
}

function shown(value: JsonValue): string {
  const text = JSON.stringify(value);
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`;
}
