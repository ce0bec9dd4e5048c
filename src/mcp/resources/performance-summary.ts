import type { AgentResource } from "./define-resource.ts";

export const performanceSummaryResource: AgentResource = {
  view: "performance-summary",
  name: "performance-summary",
  title: "Performance summary",
  description: "An agent's performance summary as markdown, to put into its prompt; empty where it has no runs.",
  mimeType: "text/markdown",
  read: (kaizen, agent) => kaizen.performanceSummary(agent),
};
