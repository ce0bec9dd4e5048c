/**
 * Every `kaizen://` address. An agent's name stands percent-encoded in the path: a URI parser lower-cases the authority
 * and resolves dots, so what identifies an agent must not be left to it.
 */
export const agentsUri = "kaizen://agents";
export const analysisUri = "kaizen://optimizer/analysis";
export const recommendationsUri = "kaizen://optimizer/recommendations";

/** What there is of each agent. */
export const agentViews = ["performance-summary", "brief", "summary"] as const;
export type AgentView = (typeof agentViews)[number];

export function agentUri(agent: string, view: AgentView): string {
  return `kaizen://agents/${encodeURIComponent(agent)}/${view}`;
}

export function agentUriTemplate(view: AgentView): string {
  return `kaizen://agents/{agent}/${view}`;
}

export type ResourceAddress =
  | { readonly kind: "fixed"; readonly uri: string }
  /** The agent's name is decoded, and not yet known to be a name. */
  | { readonly kind: "agent"; readonly agent: string; readonly view: AgentView };

/** Reads an address; `undefined` if it is none of ours. */
export function parseUri(uri: string): ResourceAddress | undefined {
  if ([agentsUri, analysisUri, recommendationsUri].includes(uri)) return { kind: "fixed", uri };
  const match = /^kaizen:\/\/agents\/([^/?#]+)\/([a-z-]+)$/.exec(uri);
  const view = agentViews.find((known) => known === match?.[2]);
  const agent = decoded(match?.[1]);
  return view === undefined || agent === undefined ? undefined : { kind: "agent", agent, view };
}

function decoded(component: string | undefined): string | undefined {
  try {
    return component === undefined ? undefined : decodeURIComponent(component);
  } catch {
    return undefined;
  }
}
