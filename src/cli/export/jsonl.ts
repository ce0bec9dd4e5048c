import type { WalkedRun } from "../../kaizen/export.ts";

const beyondAscii = /[\u007f-\uffff]/g;

/**
 * A run as a line of the ADR-004 form, as its writer wrote it: numbers keep their digits. It names its agent, so that
 * the runs of several can be told apart, and taken in again by `import`.
 */
export function jsonLine(agent: string, { execution, text }: WalkedRun): string {
  const { record } = execution;
  const named = record.agent === agent ? text : withAgent(agent, text, record.agent !== undefined);
  // A terminal may be reading. Where JSON is valid none of these stands outside a string, or inside one respectively.
  const escaped = named.replace(beyondAscii, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return `${escaped.replaceAll(/[\r\t]/g, " ")}\n`;
}

function withAgent(agent: string, text: string, hasAnother: boolean): string {
  if (hasAnother) return JSON.stringify({ ...JSON.parse(text), agent });
  return `{"agent": ${JSON.stringify(agent)}, ${text.trimStart().slice(1)}`;
}
