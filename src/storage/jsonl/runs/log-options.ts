import type { RetentionDays } from "../../../domain/run/retention.ts";
import type { OnNotice } from "../../notice.ts";
import type { FileSystem } from "../files/file-system.ts";
import type { AgentFiles, Layout } from "../files/layout.ts";
import type { SnapshotKey } from "../journal/sealed-file.ts";

/** What everybody who works on one agent's log is given. */
export interface LogOptions {
  readonly agent: string;
  readonly files: AgentFiles;
  readonly fileSystem: FileSystem;
  readonly layout: Layout;
  readonly now: () => number;
  /** The instant (ms) before which a run has expired, as of now. */
  readonly cutoff: () => number;
  readonly retentionDays: RetentionDays;
  readonly onNotice: OnNotice;
  readonly snapshotKey?: SnapshotKey | undefined;
}
