import * as z from "zod";
import type { EventJournal } from "../../../adr004/catalogue.ts";
import type { AgentName } from "../../../domain/run/agent-name.ts";
import {
  type DayOfRuns,
  KEPT_SEEN_RUNS,
  type RunEvent,
  type RunRules,
  type RunsByKey,
  type SeenRun,
} from "../../../domain/run/runs-by-key.ts";

/**
 * What is to be known of a journal of events that name runs by their keys. What is done with one is the same for all: a
 * further kind is an entry in the catalogue of files, and a value of this form.
 */
export interface RunEventKind<E extends RunEvent, R extends SeenRun, D extends DayOfRuns, V> {
  readonly journal: EventJournal;
  /** Completes "… while": what a writer does, and, before the agent's name, what a reader does. */
  readonly doing: { readonly noting: string; readonly reading: string };
  /** What is wrong with a line that holds no such event. */
  readonly damage: string;
  decode(line: Buffer): (E & { readonly first_seen: string }) | "blank" | undefined;
  encode(event: E & { readonly agent: AgentName; readonly first_seen: string }): Buffer;
  readonly rules: RunRules<E, R, D>;
  /** The live part. */
  view(history: RunsByKey<R, D>, cutoff: number): V;
  readonly snapshot: {
    readonly version: number;
    readonly dueBytes: number;
    day(): z.ZodType<D>;
    /** Parses what `encodeRun` gave. */
    run(): z.ZodType<R>;
    encodeRun(run: R): unknown;
  };
}

/** The form of the folded events of a kind where they are saved. */
export function savedEvents<E extends RunEvent, R extends SeenRun, D extends DayOfRuns, V>({
  snapshot,
}: RunEventKind<E, R, D, V>) {
  return {
    schema: () =>
      z
        .object({
          days: z.array(z.tuple([z.int(), snapshot.day()])),
          recent: z.array(z.tuple([z.string(), snapshot.run()])).max(KEPT_SEEN_RUNS),
        })
        .transform(({ days, recent }) => ({ days: new Map(days), recent: new Map(recent) })),
    encode: ({ days, recent }: RunsByKey<R, D>) => ({
      days: [...days],
      recent: [...recent].map(([key, run]) => [key, snapshot.encodeRun(run)]),
    }),
  };
}
