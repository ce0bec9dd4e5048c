import type { RetentionDays } from "../../domain/run/retention.ts";
import type { OnNotice } from "../notice.ts";
import type { AgentFolders } from "./agent-folders.ts";
import type { FileSystem } from "./files/file-system.ts";
import type { Layout } from "./files/layout.ts";
import type { Locks } from "./lock/lock.ts";
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
