import * as z from "zod";
import { decodeEvidence, encodeEvidence, NO_EVIDENCE } from "../../../adr004/evidence-line.ts";
import {
  evidenceFlagSchema,
  type Facts,
  factsSchema,
  type NewEvidence,
  type RunEvidence,
  seenSchema,
} from "../../../domain/evidence/evidence.ts";
import {
  type EvidenceDay,
  type EvidenceView,
  evidenceMeasures,
  evidenceRules,
  viewEvidence,
} from "../../../domain/evidence/evidence-history.ts";
import { parseJson } from "../../../domain/text/json.ts";
import type { RunEventKind } from "./run-event-kind.ts";

const countSchema = z.int().min(0);
const measuredSchema = z.object({ count: countSchema, sum: z.array(z.number()).max(64) });

/** What is known of runs beyond their claims. */
export const evidenceEvents: RunEventKind<NewEvidence, RunEvidence, EvidenceDay, EvidenceView> = {
  journal: "evidence",
  doing: { noting: "noting evidence of a run", reading: "reading the evidence of" },
  damage: NO_EVIDENCE,
  decode: decodeEvidence,
  encode: encodeEvidence,
  rules: evidenceRules,
  view: viewEvidence,
  snapshot: {
    version: 1,
    // A snapshot is long, since it has the last runs with all of their facts: it is made less often than the others.
    dueBytes: 128 * 1024,
    day: () =>
      z.object({
        events: countSchema,
        runs: countSchema,
        ended: countSchema,
        unpriced: countSchema,
        seen: z.record(seenSchema, countSchema),
        flags: z.record(evidenceFlagSchema, countSchema),
        measured: z.record(z.enum(evidenceMeasures), measuredSchema),
      }),
    run: () => z.tuple([z.number(), z.number().nullable(), z.string()]).transform(runOf),
    encodeRun: ({ endedAt = null, facts, firstSeenAt }) => [firstSeenAt, endedAt, JSON.stringify(facts)],
  },
};

/**
 * A run as a snapshot has it. Its facts stay a text until they are asked for: a hook asks for those of few runs, and to
 * parse them all would take it longer than everything else.
 */
function runOf([firstSeenAt, endedAt, text]: readonly [number, number | null, string]): RunEvidence {
  let facts: Facts | undefined;
  return {
    firstSeenAt,
    endedAt: endedAt ?? undefined,
    get facts() {
      // What another program has written in their place is no fact.
      facts ??= factsSchema.safeParse(parseJson(text)).data ?? {};
      return facts;
    },
  };
}
