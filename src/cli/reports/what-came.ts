import { plainLine } from "../../domain/text/plain-text.ts";
import type { Kaizen } from "../../kaizen/kaizen.ts";
import { counted } from "../../messages/figures.ts";
import type { Style } from "../terminal/style.ts";
import { type Column, table } from "../terminal/table.ts";

/** So many of each are shown; the others are counted. */
const SHOWN = 20;
const TEXT_CHARACTERS = 200;

/** What a store would say to agents that start: names, and texts that agents recorded. */
export interface WhatCame {
  readonly agents: number;
  readonly runs: number;
  readonly recommendations: number;
  readonly shown_agents: readonly { readonly agent: string; readonly runs: number }[];
  /** Advice, and failures that recur: what briefs quote. */
  readonly shown_texts: readonly { readonly kind: string; readonly agent: string; readonly text: string }[];
  readonly texts: number;
}

export async function whatCame(kaizen: Kaizen): Promise<WhatCame> {
  const agents = await kaizen.listAgents();
  const advice = await kaizen.recommendations();
  const texts = [
    ...advice.map(({ agent, title }) => ({ kind: "advice", agent, text: title })),
    ...agents.flatMap(({ stats, summary: { agent } }) =>
      stats.failures.map(({ example }) => ({ kind: "failure", agent, text: example })),
    ),
  ];
  return {
    agents: agents.length,
    runs: agents.reduce((sum, { summary }) => sum + summary.execution_count, 0),
    recommendations: advice.length,
    shown_agents: agents.slice(0, SHOWN).map(({ summary }) => ({
      agent: plainLine(summary.agent, TEXT_CHARACTERS),
      runs: summary.execution_count,
    })),
    shown_texts: texts.slice(0, SHOWN).map(({ agent, kind, text }) => ({
      kind,
      agent: plainLine(agent, TEXT_CHARACTERS),
      text: plainLine(text, TEXT_CHARACTERS),
    })),
    texts: texts.length,
  };
}

const agentColumns: readonly Column[] = [
  { title: "agent", flexible: true },
  { title: "runs", align: "right" },
];
const textColumns: readonly Column[] = [
  { title: "kind" },
  { title: "agent", flexible: true, least: 12 },
  { title: "what agents would read", flexible: true, below: true },
];

export function whatCameText(came: WhatCame, style: Style): string {
  const { agents, recommendations, runs, shown_agents, shown_texts, texts } = came;
  const counts = `${counted(agents, "agent")}, ${counted(runs, "run")} and ${counted(recommendations, "recommendation")}`;
  const named = shown_agents.map(({ agent, runs }) => [agent, String(runs)]);
  const quoted = shown_texts.map(({ agent, kind, text }) => [kind, agent, text]);
  return [
    `${counts} came with the project's files.\n`,
    ...(named.length === 0 ? [] : [table(agentColumns, named, style) + more(agents - named.length)]),
    ...(quoted.length === 0 ? [] : [table(textColumns, quoted, style) + more(texts - quoted.length)]),
  ].join("\n");
}

function more(count: number): string {
  return count > 0 ? `and ${count} more\n` : "";
}
