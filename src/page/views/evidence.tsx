import type { AgentModel } from "../../domain/dashboard/view-model.ts";
import { counted, dollars, localTimes, whole } from "../format.ts";
import { Section, Sentences } from "./frame/frame.tsx";

interface EvidenceProps {
  readonly evidence: AgentModel["evidence"];
  readonly sentences: readonly string[];
}

/** What is known beside the figures: sentences, tokens and money. */
export function EvidenceSection({ evidence: { cost, lines, tokens }, sentences }: EvidenceProps) {
  const all = [...new Set([...sentences, ...lines])].map(localTimes);
  if (!cost && !tokens && all.length === 0) return null;
  const perSuccess = cost?.per_verified_success ?? null;
  const figures = [
    cost && ["a run", dollars(cost.per_run)],
    perSuccess !== null && ["a verified success", dollars(perSuccess)],
    tokens && ["tokens in", whole(tokens.input)],
    tokens && [`tokens out, ${counted(tokens.runs, "run")}`, whole(tokens.output)],
  ];
  return (
    <Section title="What is known" note="In the words of the command line.">
      <div class="padded">
        <ul class="facts">
          {figures.map(
            (figure) =>
              figure && (
                <li key={figure[0]}>
                  <b>{figure[1]}</b> {figure[0]}
                </li>
              ),
          )}
        </ul>
        <Sentences all={all} />
      </div>
    </Section>
  );
}
