import type { AgentName } from "../../../domain/run/agent-name.ts";
import type { RetentionDays } from "../../../domain/run/retention.ts";
import type { OnNotice } from "../../notice.ts";
import type { FileSystem } from "../files/file-system.ts";
import type { AgentFiles, Layout } from "../files/layout.ts";
import type { Locks } from "../lock/lock.ts";
import type { SnapshotKey } from "./sealed-file.ts";

/** What everything that works on the files of one agent is given. */
export interface AgentContext {
  readonly agent: AgentName;
  readonly files: AgentFiles;
  readonly fileSystem: FileSystem;
  readonly layout: Layout;
  readonly locks: Locks;
  readonly now: () => number;
  /** The instant (ms) before which a run has expired, as of now. */
  readonly cutoff: () => number;
  readonly retentionDays: RetentionDays;
  readonly onNotice: OnNotice;
  readonly snapshotKey?: SnapshotKey | undefined;
  /** Makes sure that the agent's folder is there, and is safe to write to. */
  readonly prepareFolder: () => Promise<void>;
}

/** What is enough to read. */
export type ReadingContext = Pick<AgentContext, "fileSystem" | "files" | "retentionDays" | "onNotice" | "snapshotKey">;
