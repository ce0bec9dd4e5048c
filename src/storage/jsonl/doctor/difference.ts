import type { HistoryView } from "../../../domain/figures/history.ts";
import { isJsonObject, type JsonObject, type JsonValue, sameJson } from "../../../domain/text/json.ts";

/** So much is shown of a value that somebody else may have written. */
const SHOWN_CHARACTERS = 60;

/** Names the first thing in which a summary is not the one that the log gives; `undefined` where they say the same. */
export function differenceOfSummaries(found: JsonObject, byLog: JsonObject): string | undefined {
  if (sameJson(found, byLog)) return undefined;
  const { execution_count: counted } = found;
  if (typeof counted === "number" && counted !== byLog.execution_count) {
    return `it counts ${runs(counted)}, and the log has ${byLog.execution_count} that have not expired`;
  }
  return differenceOf(found, byLog, "");
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

/** The same of what is known by an index. */
export function differenceOfViews(found: Known, byLog: Known): string | undefined {
  const [was, is] = [found.live, byLog.live];
  if (was.tally.runs !== is.tally.runs) return `it counts ${runs(was.tally.runs)}, and the log has ${is.tally.runs}`;
  if (found.damagedLines !== byLog.damagedLines) {
    return `it counts ${lines(found.damagedLines)} as damaged, and the log has ${byLog.damagedLines}`;
  }
  if (was.tally.successes !== is.tally.successes) {
    return `it counts ${runs(was.tally.successes)} as successful, and the log has ${is.tally.successes}`;
  }
  if (was.failures.length !== is.failures.length) return "the last failures that it knows are not those of the log";
  const recent = ({ recent }: HistoryView) => JSON.stringify(recent.map(({ ordinal: _, ...run }) => run));
  return recent(was) === recent(is) ? undefined : "the last runs that it knows are not those of the log";
}

function shown(value: JsonValue): string {
  const text = JSON.stringify(value);
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`;
}

function runs(count: number): string {
  return count === 1 ? "1 run" : `${count} runs`;
}

function lines(count: number): string {
  return count === 1 ? "1 line" : `${count} lines`;
}
