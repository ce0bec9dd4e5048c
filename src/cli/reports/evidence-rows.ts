import {
  costText,
  type EvidenceFigures,
  hitRateText,
  seenCounts,
  seenWord,
} from "../../domain/evidence/evidence-figures.ts";
import { counted, decimal, percent } from "../../messages/figures.ts";

type Row = readonly [name: string, value: string | undefined];

/** What was seen of an agent's runs, beside what it claims. */
export function evidenceRows(evidence: EvidenceFigures): Row[] {
  const { estimated_rate, hit_rates, lost, time_s, tokens, tools } = evidence;
  const rows: Row[] = [
    ["Seen", seenRow(evidence)],
    ...hit_rates.map((rate): Row => ["", hitRateText(rate)]),
    ["", estimated_rate === null ? undefined : `by that, ${percent(estimated_rate)} of all that was seen went right`],
    ["Took", time_s === null ? undefined : `${decimal(time_s.mean, 1)} s a run, by the transcripts of ${time_s.runs}`],
    ["Tokens", tokens === null ? undefined : tokensText(tokens)],
    ["Cost", costText(evidence)],
    [
      "Tools",
      tools === null ? undefined : `${counted(tools.calls, "call")}, ${tools.errors} failed, ${tools.denied} denied`,
    ],
    ["", lost === 0 ? undefined : `${counted(lost, "run")} never ended: killed, or the client was`],
    ...flagRows(evidence),
    ...evidence.worth_a_look.map(
      ({ execution_id, seen }, index): Row => [
        index === 0 ? "Worth a look" : "",
        `${execution_id}: claims success, and was seen ${seenWord(seen)}`,
      ],
    ),
  ];
  const further = evidence.worth_a_look_total - evidence.worth_a_look.length;
  if (further > 0) rows.push(["", `and ${counted(further, "further claim")} like these`]);
  return rows.filter(([, value]) => value !== undefined);
}

function seenRow(evidence: EvidenceFigures): string {
  return `${seenCounts(evidence) ?? "nothing of tests"}, of ${counted(evidence.runs, "run")} with evidence`;
}

function tokensText({ cache_read, cache_write, input, output, runs }: NonNullable<EvidenceFigures["tokens"]>): string {
  const each = (sum: number) => Math.round(sum / runs).toLocaleString("en-US");
  return `${each(input)} in, ${each(output)} out, ${each(cache_read)} from the cache, ${each(cache_write)} into it, a run`;
}

const flagWords: Readonly<Record<string, string>> = {
  tampered: "wrote below .kaizen",
  config_changed: "changed what decides the tests",
  fewer_tests: "ran fewer tests at the end than before",
};

function flagRows({ flags }: EvidenceFigures): Row[] {
  return Object.entries(flags).map(([flag, runs]) => ["", `${counted(runs, "run")} ${flagWords[flag] ?? flag}`]);
}
