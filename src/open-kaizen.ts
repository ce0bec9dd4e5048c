import { randomBytes } from "node:crypto";
import { DEFAULT_RETENTION_DAYS, type RetentionDays } from "./domain/retention.ts";
import { Kaizen } from "./kaizen.ts";
import type { Hurry } from "./storage/hurry.ts";
import type { OnNotice } from "./storage/notice.ts";
import { openStore } from "./storage/open.ts";

export interface OpenOptions {
  /** The project's folder; the files live in `.kaizen/metrics` below it. */
  readonly projectRoot: string;
  /** How many days a run is kept, or `null` to keep each; 180 unless said. */
  readonly retentionDays?: RetentionDays;
  /** Hears of what was read with a remark, such as a damaged line. */
  readonly onNotice?: OnNotice;
  /** What bounds the reading of a process that must end soon, such as a hook. */
  readonly hurry?: Hurry | undefined;
}

/** The use cases over a project's files, with this machine's clock and randomness. Creates nothing on disk. */
export function openKaizen(options: OpenOptions): Kaizen {
  const now = Date.now;
  const { retentionDays = DEFAULT_RETENTION_DAYS, onNotice = () => {} } = options;
  return new Kaizen({
    store: openStore({ ...options, retentionDays, onNotice, now }),
    now,
    randomHex: () => randomBytes(16).toString("hex"),
    retentionDays,
  });
}
