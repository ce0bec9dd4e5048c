import type { AgentName } from "../../domain/run/agent-name.ts";
import { type RetentionDays, retentionCutoff } from "../../domain/run/retention.ts";
import type { OnNotice } from "../notice.ts";
import { type Busy, LruCache } from "../shared/lru-cache.ts";
import type { AgentFolders } from "./agent-folders.ts";
import type { FileSystem } from "./files/file-system.ts";
import type { Layout } from "./files/layout.ts";
import type { Locks } from "./lock/lock.ts";
import type { AgentContext } from "./projection/agent-context.ts";
import type { SnapshotKey } from "./projection/sealed-file.ts";

/** What the stores of one folder share. */
export interface JsonlAgentsOptions {
  readonly fileSystem: FileSystem;
  readonly layout: Layout;
  readonly locks: Locks;
  readonly folders: AgentFolders;
  readonly now: () => number;
  readonly retentionDays: RetentionDays;
  readonly onNotice: OnNotice;
  readonly snapshotKey?: SnapshotKey | undefined;
}

/** What everything that works on the files of one agent is given; `folder` is the agent's. */
export function contextOf(options: JsonlAgentsOptions, agent: AgentName, folder: string): AgentContext {
  const { folders, layout, now, retentionDays } = options;
  return {
    ...options,
    agent,
    files: layout.filesIn(folder),
    cutoff: () => retentionCutoff(retentionDays, now()),
    prepareFolder: () => folders.prepare(agent),
  };
}

/** What this process knows of each agent's files, opened when it is first asked for. */
export function perAgent<T extends Busy>(options: JsonlAgentsOptions, open: (context: AgentContext) => T): LruCache<T> {
  return new LruCache(
    (agent, folder) => open(contextOf(options, agent, folder)),
    (agent) => options.layout.agentFolder(agent),
  );
}
