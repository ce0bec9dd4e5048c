import { randomBytes } from "node:crypto";
import type { RetentionDays } from "./domain/retention.ts";
import { Kaizen } from "./kaizen.ts";
import type { OnNotice } from "./storage/notice.ts";
import { openStore } from "./storage/open.ts";

export interface OpenOptions {
  /** The project's folder; the files live in `.kaizen/metrics` below it. */
  readonly projectRoot: string;
  readonly retentionDays: RetentionDays;
  readonly onNotice: OnNotice;
}

/** The use cases over a project's files, with this machine's clock and randomness. Creates nothing on disk. */
export function openKaizen(options: OpenOptions): Kaizen {
  const now = Date.now;
  const { retentionDays } = options;
  return new Kaizen({
    store: openStore({ ...options, now }),
    now,
    randomHex: () => randomBytes(16).toString("hex"),
    retentionDays,
  });
}
