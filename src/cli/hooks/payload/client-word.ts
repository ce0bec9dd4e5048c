import type { Facts } from "../../../domain/evidence/evidence.ts";
import type { JsonValue } from "../../../domain/text/json.ts";
import { type Failure, failureOf } from "../../../evidence/transcript/run-record.ts";
import type { Payload } from "./payload.ts";

/** What the client itself says of a run that has ended, without its transcript. */
export interface ClientsWord {
  readonly facts: Pick<Facts, "duration_s" | "ended_by" | "files" | "tools">;
  /** That an error of the API has cut it off. */
  readonly failure: Failure | undefined;
}

export function clientsWord(payload: Payload): ClientsWord {
  return payload.client === "cursor" ? wordOfCursor(payload) : { facts: {}, failure: failureIn(payload) };
}

/** Claude Code says so by another event, and our plugin for opencode by the error itself. */
function failureIn(payload: Payload): Failure | undefined {
  const isOfPlugin = payload.client === "opencode" && payload.error !== undefined;
  if (payload.hook_event_name !== "StopFailure" && !isOfPlugin) return undefined;
  return failureOf(payload.error, payload.last_assistant_message ?? payload.error_details ?? "");
}

/** A person has stopped what was aborted: that is no failure of the agent. */
function wordOfCursor({ error, sent }: Payload): ClientsWord {
  const { duration, duration_ms, modified_files, status, tool_call_count } = sent;
  const ms = countOf(duration_ms) ?? countOf(duration);
  const tools = countOf(tool_call_count);
  const hasFailed = status === "error";
  const endedBy = hasFailed ? "api_error" : status === "aborted" ? "interrupt" : undefined;
  return {
    facts: {
      ...(ms === undefined ? {} : { duration_s: ms / 1000 }),
      ...(tools === undefined ? {} : { tools }),
      ...(Array.isArray(modified_files) ? { files: modified_files.length } : {}),
      ...(endedBy === undefined ? {} : { ended_by: endedBy }),
    },
    failure: hasFailed ? failureOf(undefined, error ?? "Cursor has ended the run with an error.") : undefined,
  };
}

function countOf(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
