import { instructions } from "../../../src/mcp/instructions.ts";
import { tools } from "../../../src/mcp/tools/index.ts";

/** What a model sees of us in a request, or a person on a screen. */
export interface Sight {
  /** The server's instructions. */
  readonly instructions: boolean;
  /** How many of our tools can be called at once. */
  readonly tools: number;
  /** How many more are known by their names only. */
  readonly names: number;
  /** What our hook says as a session begins. */
  readonly session: boolean;
  /** How many times the brief is there. */
  readonly briefs: number;
}

/** A mark in the brief, from the runs before this one; it stands nowhere else. */
export const BRIEF_MARK = "the mark of the runs before";

const all = tools.map(({ name }) => name);
/** The longest line of the instructions tells them from all other text of ours, whatever is changed in them. */
const longest = instructions.split("\n").sort((a, b) => b.length - a.length)[0] ?? "";

/** `text` is JSON, or what stands in a string of it; `callable` has the names of tools as a client calls them. */
export function sightOf(text: string, callable: readonly string[]): Sight {
  const known = all.filter((tool) => callable.some((name) => isCalled(name, tool)));
  const named = all.filter((tool) => new RegExp(`kaizen[\\w-]*?[_-]+${tool}\\b`).test(text));
  return {
    instructions: text.includes(JSON.stringify(longest).slice(1, -1)),
    tools: known.length,
    names: named.filter((tool) => !known.includes(tool)).length,
    session: text.includes("kaizen-metrics: "),
    briefs: text.split(BRIEF_MARK).length - 1,
  };
}

/** Clients put the server's name before a tool's, each in its own way. */
export function isCalled(name: string, tool: string): boolean {
  return name.includes("kaizen") && name.endsWith(tool);
}

/** A cell of the table. */
export function inWords(sight: Sight | undefined): string {
  if (sight === undefined) return "";
  const parts = [
    sight.tools > 0 && `${sight.tools} ${sight.tools === 1 ? "tool" : "tools"}`,
    sight.names > 0 && `${sight.names} names`,
    sight.instructions && "instructions",
    sight.session && "session",
    sight.briefs > 0 && (sight.briefs === 1 ? "brief" : `${sight.briefs} briefs`),
  ];
  return parts.filter((part) => part !== false).join(", ") || "nothing";
}
