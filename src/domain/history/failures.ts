import type { Execution } from "../run/execution.ts";
import { formatInstant } from "../run/time.ts";
import { byCodePoint } from "../text/code-point-order.ts";
import { plainLine } from "../text/plain-text.ts";
import { failureSignature } from "./failure-signature.ts";

/** One failed run, as far as clustering needs it. Checkpoints hold it: plain JSON, and small. */
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
  const words = type === "" && message === "" ? unexplained : explained(type, message);
  const { signature, example } = words;
  return run.at === undefined ? { ordinal, signature, example } : { at: run.at, ordinal, signature, example };
}

function explained(type: string, message: string): Pick<FailureNote, "signature" | "example"> {
  const example = [type, message].filter((part) => part !== "").join(": ");
  return { signature: failureSignature(type, message), example: plainLine(example, EXAMPLE_CHARACTERS) };
}

/** What is noted of a failure that its agent said nothing about: much of a long log, so not worked out each time. */
const unexplained = { signature: failureSignature("", ""), example: "" };

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Failures that are taken for one and the same. */
export interface FailureCluster {
  readonly signature: string;
  readonly count: number;
  /** UTC seconds (ISO 8601) of the first and last of them, by the log; `null` if the run has no readable timestamp. */
  readonly first_seen: string | null;
  readonly last_seen: string | null;
  /** The latest of them in its agent's words; empty where the agent said nothing. */
  readonly example: string;
  /** Runs without this failure before it last came back, `null` if it never stayed away for `CLEAN_RUNS`. */
  readonly back_after: number | null;
  /** Runs since the last of them: all of them without this failure. */
  readonly runs_since: number;
}

/** How many of the last live failures are clustered. */
export const WINDOW_FAILURES = 200;

/** Whether so many were counted that there may have been others before. */
export function isWindowFull(clusters: readonly FailureCluster[]): boolean {
  return clusters.reduce((sum, { count }) => sum + count, 0) >= WINDOW_FAILURES;
}

/** A failure that stayed away for this many runs and happens again has come back: as many as the smallest window. */
export const CLEAN_RUNS = 5;

/**
 * Clusters failures by signature, worst first: the most frequent, among equals the latest. Notes are in the order of the
 * log; the view of a history holds the last 200 failures. `lastOrdinal` is that of the agent's last run.
 */
export function clusterFailures(notes: readonly FailureNote[], lastOrdinal: number): FailureCluster[] {
  const groups = new Map<string, FailureNote[]>();
  for (const note of notes) {
    const group = groups.get(note.signature);
    if (group === undefined) groups.set(note.signature, [note]);
    else group.push(note);
  }
  return [...groups.values()].sort(worstFirst).flatMap((group) => clusterOf(group, lastOrdinal));
}

function worstFirst(a: readonly FailureNote[], b: readonly FailureNote[]): number {
  const [lastA, lastB] = [a.at(-1), b.at(-1)];
  const later = (lastB?.ordinal ?? 0) - (lastA?.ordinal ?? 0);
  return b.length - a.length || later || byCodePoint(lastA?.signature ?? "", lastB?.signature ?? "");
}

function clusterOf(group: readonly FailureNote[], lastOrdinal: number): FailureCluster[] {
  const [first, last] = [group[0], group.at(-1)];
  if (first === undefined || last === undefined) return [];
  return [
    {
      signature: last.signature,
      count: group.length,
      first_seen: instantText(first.at),
      last_seen: instantText(last.at),
      example: last.example,
      back_after: lastAbsence(group.map((note) => note.ordinal)),
      runs_since: Math.max(0, lastOrdinal - last.ordinal),
    },
  ];
}

function instantText(at: number | undefined): string | null {
  return at === undefined ? null : formatInstant(at);
}

/** The length of the latest gap between ordinals that is long enough to count. */
function lastAbsence(ordinals: readonly number[]): number | null {
  const gaps = ordinals.slice(1).map((ordinal, index) => ordinal - (ordinals[index] ?? ordinal) - 1);
  return gaps.findLast((gap) => gap >= CLEAN_RUNS) ?? null;
}
