import type { AgentSummary, UnreadAgent } from "../../kaizen/kaizen.ts";
import { unreadFigures, unreadNote } from "../../messages/unread.ts";
import type { Style } from "../terminal/style.ts";
import { agentsTable } from "./agents-table.ts";
import { attentionText } from "./attention.ts";

// A list of agents. Those that cannot be read are told beside it: on stderr, and with --json under `unread`.

export function listText(
  agents: readonly AgentSummary[],
  unread: readonly UnreadAgent[],
  nothing: string,
  style: Style,
): string {
  if (agents.length > 0) return `${attentionText(agents, style)}\n${agentsTable(agents, style)}`;
  return unread.length > 0 ? "" : `${nothing}\n`;
}

export function unreadPart(unread: readonly UnreadAgent[]): { unread?: ReturnType<typeof unreadFigures> } {
  return unread.length === 0 ? {} : { unread: unreadFigures(unread) };
}

export function unreadSaid(unread: readonly UnreadAgent[]): { note?: string } {
  return unread.length === 0 ? {} : { note: unreadNote(unread) };
}
