import type { KaizenOptions } from "../options.ts";

/** What every part of an import works with. */
export type ImportOptions = Pick<KaizenOptions, "store" | "now" | "retentionDays">;

export interface ImportRequest {
  /** Under whose name everything is to come in, whatever its source says. */
  readonly agent?: string | undefined;
  readonly isDryRun: boolean;
  /** Told how many runs were read. */
  readonly onProgress: (runs: number) => void;
}

/** Where a line stands that is taken in, or is not. */
export interface Place {
  readonly file: string;
  /** The line's number, from 1. */
  readonly line: number;
}
