import { problemOf } from "../kaizen/base/problem.ts";
import type { UnreadAgent } from "../kaizen/kaizen.ts";
import { counted } from "./figures.ts";
import { named, quoted } from "./names.ts";

const NAMED_AGENTS = 10;

/** Agents that could not be read, as JSON has them. */
export function unreadFigures(unread: readonly UnreadAgent[]) {
  return unread.map(({ agent, error }) => {
    const { code, message } = problemOf(error);
    return { agent, code, message };
  });
}

/** Agents that could not be read, and why, on a line each. Of many it names the first. */
export function unreadNote(unread: readonly UnreadAgent[]): string {
  const lines = unread.slice(0, NAMED_AGENTS).map(({ agent, error }) => {
    const { hint, message } = problemOf(error);
    return `${named(agent)} was not read: ${message}${hint === undefined ? "" : ` ${hint}`}`;
  });
  const further = unread.length - lines.length;
  return [...lines, ...(further > 0 ? [`${counted(further, "further agent")} could not be read.`] : [])].join("\n");
}

/** `2 agents could not be read: "a", "b"; kaizen-metrics doctor says why.` */
export function unreadSentence(agents: readonly string[], total = agents.length, shown = quoted): string {
  const first = agents.slice(0, NAMED_AGENTS);
  const names = first.map((agent) => shown(agent)).join(", ");
  const more = total > first.length ? ", and others" : "";
  return `${counted(total, "agent")} could not be read: ${names}${more}; kaizen-metrics doctor says why.`;
}

/** `2 lines could not be read; kaizen-metrics doctor says why.` */
export function unreadLines(lines: number): string {
  return `${counted(lines, "line")} could not be read; kaizen-metrics doctor says why.`;
}
