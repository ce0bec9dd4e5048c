import { formatDay, readInstant } from "../run/time.ts";
import { shareText } from "../statistics/verdict.ts";
import type { Stats } from "./stats.ts";

/**
 * A change in few words, for texts that are paid for by the word: "declining since 2026-11-20: 4 of 10, 46 of 50 before".
 * The doubts that belong to it stay with it, without what follows from them.
 */
export function changeText({ before, changes, evidence, since, verdict }: Stats["success"]): string {
  const at = readInstant(changes.at(-1)?.timestamp);
  const day = at === undefined ? " lately" : ` since ${formatDay(at)}`;
  const earlier = before === null ? "" : `, ${shareText(before)} before`;
  const doubts = evidence
    .split("; ")
    .slice(1)
    .map((doubt) => doubt.replace(/:.*/, ""));
  return [`${verdict}${day}: ${shareText(since)}${earlier}`, ...doubts].join("; ");
}
