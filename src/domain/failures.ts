import type { Execution } from "./execution.ts";

/** One failed run, as far as clustering needs it. */
export interface FailureNote {
  /** The instant of the run in ms, where its timestamp is readable. */
  readonly at?: number;
  /** The ordinal of the run among all of the agent's, from 1. */
  readonly ordinal: number;
  readonly signature: string;
  /** The failure in its agent's words, one line, bounded. */
  readonly example: string;
}

const EXAMPLE_CHARACTERS = 200;

export function noteFailure(run: Execution, ordinal: number): FailureNote {
  const type = textOf(run.record.error_type);
  const message = textOf(run.record.error);
  return {
    ...(run.at === undefined ? {} : { at: run.at }),
    ordinal,
    signature: failureSignature(type, message),
    example: oneLine([type, message].filter((part) => part !== "").join(": ")),
  };
}

/** Failures with one signature are taken for the same failure: what differs from run to run is replaced by a mark. */
export function failureSignature(type: string, message: string): string {
  const normalised = message
    .replace(/"[^"]*"|'[^']*'|`[^`]*`/g, "<text>")
    .replace(/(?:[A-Za-z]:)?(?:[\\/][\w.@+-]+){2,}/g, "<path>")
    .replace(/\b0x[0-9a-f]+\b|\b[0-9a-f]{8,}\b/gi, "<id>")
    .replace(/\d+(?:\.\d+)?/g, "<n>");
  return oneLine(`${type}|${normalised}`);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim().slice(0, EXAMPLE_CHARACTERS);
}
