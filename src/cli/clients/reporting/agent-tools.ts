import type { Edit, Edited } from "../entry/edit.ts";
import { Frontmatter, type ListOfFrontmatter } from "./frontmatter.ts";
import { meansReportTool } from "./report-tool.ts";

/** What the file of an agent says of the tool that reports its runs. */
export interface AgentTools {
  /** As the client calls the agent, if the file says it. */
  readonly name: string | undefined;
  readonly hasReportTool: boolean;
  /** Whether the tool is forbidden, and not only left out. */
  readonly isForbidden: boolean;
}

/** Without a list of tools, an agent has all of them. A list in a form that is not known counts as none. */
export function agentToolsIn(text: string): AgentTools {
  const head = new Frontmatter(text);
  const isIn = (list: ListOfFrontmatter | undefined) => list?.items.some((item) => meansReportTool(item.text));
  const isForbidden = ["disallowedTools", "disallowed-tools"].some((key) => isIn(head.list(key)) === true);
  return {
    name: head.word("name"),
    hasReportTool: !isForbidden && isIn(head.list("tools")) !== false,
    isForbidden,
  };
}

/** The tool at the end of an agent's list, in the list's own form. Where it stands elsewhere, a person has put it there. */
export function toolOfAgent(tool: string): Edit {
  return {
    what: `tool ${tool}`,
    paste: tool,
    apply: (text, { mode }) =>
      text === undefined ? { text, did: "nothing" } : mode === "add" ? add(text, tool) : remove(text, tool),
  };
}

function add(text: string, tool: string): Edited {
  const list = new Frontmatter(text).list("tools");
  const { hasReportTool, isForbidden } = agentToolsIn(text);
  if (list === undefined || hasReportTool || isForbidden) return { text, did: "nothing" };
  const last = list.items.at(-1);
  if (last === undefined) return { text: text.slice(0, list.start) + tool + text.slice(list.start), did: "added" };
  const quote = /^["']/.exec(text.slice(last.start, last.end))?.[0] ?? "";
  // A comment behind the last item stays with it.
  const at = list.isBlock ? endOfLine(text, last.end) : last.end;
  return { text: text.slice(0, at) + separatorOf(text, list) + quote + tool + quote + text.slice(at), did: "added" };
}

/** What stands between the last two items, or would. */
function separatorOf(text: string, { isBlock, items }: ListOfFrontmatter): string {
  const [before, last] = items.slice(-2);
  if (isBlock) return /\r?\n[^\r\n]*$/.exec(text.slice(0, items.at(-1)?.start))?.[0] ?? "";
  const between = before === undefined || last === undefined ? "" : text.slice(before.end, last.start);
  return /^\s*,\s*$/.test(between) ? between : ", ";
}

function remove(text: string, tool: string): Edited {
  const list = new Frontmatter(text).list("tools");
  const last = list?.items.at(-1);
  if (list === undefined || last?.text !== tool) return { text, did: "nothing" };
  const before = list.items.at(-2);
  // An agent whose list has nothing left would have every tool.
  const isOnly = before === undefined && (list.isBlock || !/["[]/.test(text[list.start - 1] ?? ""));
  if (isOnly) return { text, did: "left" };
  const start = before === undefined ? list.start : list.isBlock ? endOfLine(text, before.end) : before.end;
  const end = list.isBlock ? endOfLine(text, last.end) : last.end;
  return { text: text.slice(0, start) + text.slice(end), did: "removed" };
}

function endOfLine(text: string, at: number): number {
  return at + (/^[^\r\n]*/.exec(text.slice(at))?.[0].length ?? 0);
}
