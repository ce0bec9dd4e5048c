import { agentList } from "../shown/agent-list.ts";
import { agentsUri } from "../shown/uris.ts";
import { type FixedResource, jsonText } from "./define-resource.ts";

export const agentsResource: FixedResource = {
  uri: agentsUri,
  name: "agents",
  title: "Agents",
  description: "Every agent that has recorded runs, with its figures; the same as list_agents.",
  mimeType: "application/json",
  lastChange: async () => ({}),
  read: async (kaizen) => jsonText(await agentList(kaizen)),
};
