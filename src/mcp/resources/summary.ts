import { type AgentResource, jsonText } from "./define-resource.ts";

export const summaryResource: AgentResource = {
  view: "summary",
  name: "summary",
  title: "Summary",
  description: "An agent's figures as JSON, with the keys of its summary.json.",
  mimeType: "application/json",
  read: async (kaizen, agent) => jsonText((await kaizen.summary(agent)).summary),
};
