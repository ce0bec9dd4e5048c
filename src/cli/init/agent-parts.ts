import type { Client, Part } from "../clients/client.ts";
import type { EditRequest } from "../clients/entry/edit.ts";
import { type AgentFolder, agentFilesIn, agentFolders, USUAL_LIMITS } from "../clients/reporting/agent-files.ts";
import { toolOfAgent } from "../clients/reporting/agent-tools.ts";

/** Where a client keeps the agents of a project, if it has such files. */
export function agentFolderOf({ name }: Pick<Client, "name">): AgentFolder | undefined {
  return Object.entries(agentFolders).find(([client]) => client === name)?.[1];
}

/** The files of agents whose tools get the one that reports, or lose it again. The others are none of ours. */
export function agentParts(client: Client, project: string, mode: EditRequest["mode"]): Part[] {
  const folder = agentFolderOf(client);
  if (folder === undefined) return [];
  const edit = toolOfAgent(folder.tool);
  return [...agentFilesIn(project, folder, USUAL_LIMITS)]
    .filter(({ text }) => edit.apply(text, { mode, force: false }).did !== "nothing")
    .map(({ file }) => ({ file, edits: [edit] }));
}
