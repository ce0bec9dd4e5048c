import { type Entry, instantOf } from "./transcript-entry.ts";

/**
 * How long a run was at work, in ms; `undefined` where its transcript says no time, and "unread" where it was not read
 * whole and there may be a pause in what was not.
 */
export type WorkedTime = number | "unread" | undefined;

/** An agent that goes on after a longer gap than this, in ms, was not at work meanwhile. */
export const LONGEST_PAUSE_MS = 10 * 60_000;

/**
 * The time from the first entry of a transcript to the last, without the pauses. A pause is what lies between the end of
 * a turn and the next prompt, where that is long. However long a prompt waits for its answer, or a call of a tool for
 * its result, that is work.
 *
 * @param parts The transcript, or its two ends; what is between them is unknown.
 */
export function workedTime(parts: readonly (readonly Entry[])[]): WorkedTime {
  const timed = parts.map((entries) =>
    entries.flatMap((entry) => {
      const at = instantOf(entry);
      return at === undefined ? [] : [{ entry, at }];
    }),
  );
  const [head, tail] = [timed.at(0), timed.at(-1)];
  const [first, last] = [head?.at(0)?.at, tail?.at(-1)?.at];
  if (head !== tail && !(durationBetween(head?.at(-1)?.at, tail?.at(0)?.at) <= LONGEST_PAUSE_MS)) return "unread";
  const duration = durationBetween(first, last);
  if (!(duration >= 0)) return undefined;
  const pauses = new Pauses(parts.flat());
  for (const { entry, at } of timed.flat()) pauses.add(entry, at);
  return Math.max(0, duration - pauses.ms);
}

/** NaN where either is unknown: no comparison is true of it. */
function durationBetween(from: number | undefined, to: number | undefined): number {
  return (to ?? Number.NaN) - (from ?? Number.NaN);
}

/** Adds up the pauses between entries, as they follow one another. */
class Pauses {
  ms = 0;
  /** Calls of tools that get a result somewhere. */
  readonly #answered: ReadonlySet<string | undefined>;
  /** Of those the ones that wait for it. */
  readonly #underWay = new Set<string>();
  #last: number | undefined;
  /** Whether the model has said something, and nothing was said to it since. */
  #hasAnswered = false;

  constructor(entries: readonly Entry[]) {
    this.#answered = new Set(entries.flatMap((entry) => resultsIn(entry)));
  }

  add(entry: Entry, at: number): void {
    const results = resultsIn(entry);
    const isAnswer = entry.type === "assistant";
    const isPrompt = entry.type === "user" && results.length === 0;
    // What the client notes for itself while nothing is asked of the model begins a turn, as a prompt does.
    const mayFollowPause = isPrompt || (!isAnswer && results.length === 0 && this.#hasAnswered);
    const gap = at - (this.#last ?? at);
    if (mayFollowPause && this.#underWay.size === 0 && gap > LONGEST_PAUSE_MS) this.ms += gap;
    this.#last = at;
    if (isAnswer || entry.type === "user") this.#hasAnswered = isAnswer;
    for (const id of callsIn(entry)) if (this.#answered.has(id)) this.#underWay.add(id);
    for (const id of results) this.#underWay.delete(id);
  }
}

function resultsIn({ blocks }: Entry): string[] {
  return blocks.flatMap(({ tool_use_id, type }) => (type === "tool_result" ? [tool_use_id ?? ""] : []));
}

function callsIn({ blocks }: Entry): string[] {
  return blocks.flatMap(({ id, type }) => (type === "tool_use" ? [id ?? ""] : []));
}
