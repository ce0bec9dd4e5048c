import type { AgentResource } from "./define-resource.ts";

export const briefResource: AgentResource = {
  view: "brief",
  name: "brief",
  title: "Coach brief",
  description: "What an agent should know before its next run, as markdown; the same as get_brief, in short.",
  mimeType: "text/markdown",
  read: (kaizen, agent) => kaizen.brief(agent, "short"),
};
