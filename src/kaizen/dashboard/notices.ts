import { coverageEvidence } from "../../domain/coverage/coverage.ts";
import type { AgentModel, Notice } from "../../domain/dashboard/view-model.ts";
import { rateText } from "../../domain/figures/success-rate.ts";
import { formatHalfEven } from "../../domain/statistics/rounding.ts";
import { MIN_RUNS } from "../../domain/statistics/verdict.ts";
import { plainLine } from "../../domain/text/plain-text.ts";
import type { AgentSummary } from "../figures/agent-summary.ts";
import { NAME_CHARACTERS } from "./agent-row.ts";

/** A gap of so much between claims and verified outcomes is worth a look. */
const WIDE_GAP = 0.1;
/** Below this share of reported runs the figures are about a part of the work only. */
const LITTLE_REPORTED = 0.75;
const SHOWN = 6;

/** What is worth a look first. The order is that of the kinds; within one, the order of the agents. */
const kinds: readonly Notice["kind"][] = [
  "declining",
  "overrates",
  "worse_since",
  "doubtful",
  "unreported",
  "better_since",
  "improving",
];

/** Few enough to read: one for each agent first, then their others. */
export function worthALook(notices: readonly Notice[]): Notice[] {
  const sorted = [...notices].sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
  const seen = new Set<string>();
  const first = sorted.filter(({ agent }) => !seen.has(agent) && seen.add(agent));
  return [...first, ...sorted.filter((notice) => !first.includes(notice))].slice(0, SHOWN);
}

export function noticesOf(
  { coverage, evidence, stats, summary }: AgentSummary,
  advice: AgentModel["advice"],
): Notice[] {
  const agent = plainLine(summary.agent, NAME_CHARACTERS);
  const { success, verified } = stats;
  const found: Notice[] = [];
  const add = (kind: Notice["kind"], headline: string, detail: string) => found.push({ agent, kind, headline, detail });
  const { verdict } = success;
  if (verdict === "declining") add(verdict, `${agent} is declining`, success.evidence);
  if (verified.gap !== null && verified.runs >= MIN_RUNS && verified.gap > WIDE_GAP) {
    const claims = `${rateText(verified.claimed_rate)} claimed, ${rateText(verified.rate)} verified`;
    const points = formatHalfEven(verified.gap * 100, 0);
    add(
      "overrates",
      `${agent} overrates itself by ${points} points`,
      `${claims}, ${verified.runs} of ${success.runs} runs verified`,
    );
  }
  for (const { since_then: since, title, trial } of advice) {
    const [isGood, isBad] = [trial?.verdict === "helped", trial?.verdict === "hurt"];
    // What a coin has told goes before what only came after.
    const found = isGood || isBad ? trial : since;
    const why = `${title}: ${found?.evidence}`;
    if (isGood || found?.verdict === "better_since") add("better_since", `${agent} does better since advice`, why);
    if (isBad || found?.verdict === "worse_since") add("worse_since", `${agent} does worse since advice`, why);
  }
  const doubtful = evidence?.worth_a_look_total ?? 0;
  if (doubtful > 0) {
    const claims = doubtful === 1 ? "1 claim of success" : `${doubtful} claims of success`;
    add("doubtful", `${agent} claims more than its tests show`, `${claims} on tests that were red or stale`);
  }
  if (coverage !== undefined && coverage.reported < LITTLE_REPORTED * coverage.started) {
    add("unreported", `${agent} leaves runs unreported`, coverageEvidence(coverage));
  }
  if (verdict === "improving") add(verdict, `${agent} is improving`, success.evidence);
  return found;
}
