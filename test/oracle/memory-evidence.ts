import {
  evidenceFlagSchema,
  isSameEvidence,
  type NewEvidence,
  type RunEvidence,
  seenSchema,
  withEvidence,
} from "../../src/domain/evidence/evidence.ts";
import type { EvidenceTotals, EvidenceView } from "../../src/domain/evidence/evidence-history.ts";
import { MemoryRunEvents } from "./memory-run-events.ts";
import type { MemoryAgentsOptions } from "./memory-runs.ts";

/** What is known of runs beyond their claims. */
export class MemoryEvidence extends MemoryRunEvents<NewEvidence, RunEvidence, EvidenceView> {
  constructor(options: MemoryAgentsOptions) {
    super(options, { withEvent: withEvidence, isSame: isSameEvidence }, viewOf);
  }
}

function viewOf(recent: ReadonlyMap<string, RunEvidence>): EvidenceView {
  const runs = [...recent.values()];
  const count = (isMeant: (run: RunEvidence) => boolean) => runs.filter(isMeant).length;
  const each = <K extends string>(keys: readonly K[], isMeant: (run: RunEvidence, key: K) => boolean) =>
    Object.fromEntries(keys.map((key) => [key, count((run) => isMeant(run, key))])) as Record<K, number>;
  const facts = runs.map((run) => run.facts);
  const totals: EvidenceTotals = {
    runs: runs.length,
    ended: count(({ endedAt }) => endedAt !== undefined),
    unpriced: count((run) => run.facts.cost_usd === null),
    seen: each(seenSchema.options, (run, seen) => run.facts.seen === seen),
    flags: each(evidenceFlagSchema.options, (run, flag) => run.facts.flags?.includes(flag) ?? false),
    measured: {
      cost_usd: measured(facts.map(({ cost_usd }) => cost_usd)),
      duration_s: measured(facts.map(({ duration_s }) => duration_s)),
      input_tokens: measured(facts.map(({ tokens }) => tokens?.input)),
      output_tokens: measured(facts.map(({ tokens }) => tokens?.output)),
      cache_read_tokens: measured(facts.map(({ tokens }) => tokens?.cache_read)),
      cache_write_tokens: measured(facts.map(({ tokens }) => tokens?.cache_write)),
      tools: measured(facts.map(({ tools }) => tools)),
      tool_errors: measured(facts.map(({ tool_errors }) => tool_errors)),
      denied: measured(facts.map(({ denied }) => denied)),
    },
  };
  return { totals, recent };
}

/** In billionths, as whole numbers of any size: what tests note has no more digits than that. */
function measured(values: readonly (number | null | undefined)[]) {
  const numbers = values.flatMap((value) => value ?? []);
  const billionths = numbers.reduce((sum, value) => sum + BigInt(Math.round(value * 1e9)), 0n);
  return { runs: numbers.length, sum: Number(billionths) / 1e9 };
}
