import type { WalkedRun } from "../../kaizen/export.ts";

const beyondAscii = /[\u007f-\uffff]/g;

export interface JsonLine {
  readonly line: string;
  /** Whether the run names another agent in its own line than the one whose log it stands in. */
  readonly isRenamed: boolean;
}

/**
 * A run as a line of the ADR-004 form, as its writer wrote it: numbers keep their digits. It names its agent, so that
 * the runs of several can be told apart, and taken in again by `import`. A run belongs to the agent in whose log it
 * stands: where it names another, that name is replaced, and nothing else.
 */
export function jsonLine(agent: string, { execution, text }: WalkedRun): JsonLine {
  const { record } = execution;
  const isRenamed = record.agent !== undefined && record.agent !== agent;
  const named = record.agent === agent ? text : isRenamed ? renamed(agent, text) : withAgent(agent, text);
  // A terminal may be reading. Where JSON is valid none of these stands outside a string, or inside one respectively.
  const escaped = named.replace(beyondAscii, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return { line: `${escaped.replaceAll(/[\r\t\n]/g, " ")}\n`, isRenamed };
}

function withAgent(agent: string, text: string): string {
  return `{"agent": ${JSON.stringify(agent)}, ${text.trimStart().slice(1)}`;
}

const tokens = /"(?:\\.|[^"\\])*"|[{}[\],:]/g;

/** A key may stand there twice: every value of it is replaced. Walks over the text, for it may be nested very deeply. */
function renamed(agent: string, text: string): string {
  const parts: string[] = [];
  let done = 0;
  let depth = 0;
  let before = "";
  let valueAt: number | undefined;
  for (const { 0: token, index } of text.matchAll(tokens)) {
    if (depth === 1 && token === ":" && JSON.parse(before) === "agent") valueAt = index + 1;
    if (depth === 1 && (token === "," || token === "}") && valueAt !== undefined) {
      const value = text.slice(valueAt, index);
      parts.push(
        text.slice(done, valueAt),
        value.replace(value.trim(), () => JSON.stringify(agent)),
      );
      done = index;
      valueAt = undefined;
    }
    if (token === "{" || token === "[") depth += 1;
    if (token === "}" || token === "]") depth -= 1;
    before = token;
  }
  return parts.join("") + text.slice(done);
}
