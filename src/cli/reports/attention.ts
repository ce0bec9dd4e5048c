import { attentionSentence } from "../../kaizen/figures/attention.ts";
import type { AgentSummary } from "../../kaizen/kaizen.ts";
import type { Style } from "../terminal/style.ts";
import { wrapped } from "../terminal/text-width.ts";

/** Which agents need help: the first thing that a list of agents says. */
export function attentionText(agents: readonly AgentSummary[], style: Style): string {
  const isAnyDeclining = agents.some(({ stats }) => stats.success.verdict === "declining");
  const paint = isAnyDeclining ? style.bad : (text: string) => text;
  return `${wrapped(attentionSentence(agents), style.width).map(paint).join("\n")}\n`;
}
