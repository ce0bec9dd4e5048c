import type { AgentModel, AgentRow } from "../../domain/dashboard/view-model.ts";
import { dollars, localTimes, percent, points, range, seconds, whole } from "../format.ts";
import { DayBars } from "../marks/days.tsx";
import { verdictWords } from "../marks/words.ts";
import type { Transport } from "../transport/transport.ts";
import { AdviceSection } from "./advice.tsx";
import { ComparisonSection } from "./comparison.tsx";
import { EvidenceSection } from "./evidence.tsx";
import { FailuresSection } from "./failures.tsx";
import { AllAgents, AsTable, Details, Section } from "./frame/frame.tsx";
import { Health, NoticeList, UnderWay } from "./notices.tsx";
import { RunsSection } from "./runs/runs.tsx";
import { StoryPanel } from "./story-panel.tsx";
import { DayTable } from "./story-table.tsx";

interface AgentProps {
  readonly model: AgentModel;
  readonly transport: Transport;
  /** Grows whenever the agent may have changed. */
  readonly version: number;
}

export function Agent({ model, transport, version }: AgentProps) {
  const { agent, brief, days, story } = model;
  return (
    <main>
      <AllAgents />
      <Headline agent={agent} />
      <AgentFacts model={model} />
      <Health lines={model.health} />
      <NoticeList notices={model.notices.filter(({ kind }) => kind !== agent.verdict)} />
      {story.runs.length > 0 && <StoryPanel agent={agent} story={story} />}
      <AdviceSection advice={model.advice} isOfOne />
      <FailuresSection failures={model.failures} generatedAt={model.generated_at} isOfOne />
      <div class="columns">
        {days.rows.length > 0 && (
          <Section title={`Runs a ${days.unit}`} note="Failures below the line.">
            <div class="padded">
              <DayBars days={days} />
              <AsTable>
                <DayTable days={days} />
              </AsTable>
            </div>
          </Section>
        )}
        <EvidenceSection evidence={model.evidence} sentences={model.sentences} />
      </div>
      <ComparisonSection rows={model.comparison} base={agent.name} />
      {brief.text && (
        <Section title="What it reads at its start" note={`Its brief, about ${whole(brief.tokens)} tokens.`}>
          <div class="padded">
            <Details title="Show the brief">
              <pre>{brief.text}</pre>
            </Details>
          </div>
        </Section>
      )}
      {transport.runs && <RunsSection agent={agent} transport={transport} version={version} />}
    </main>
  );
}

/** The sentence of the verdict, with the verdict in its colour. */
function Headline({ agent: { evidence, name, verdict } }: { agent: AgentRow }) {
  const { text, tone } = verdictWords[verdict];
  const sentence = localTimes(evidence.replace(/ \(P .*$|;.*$/, ""));
  return (
    <h1>
      {name} {verdict === "too_few_runs" ? "has" : "is"} <span class={tone}>{text}</span>
      {sentence.startsWith(text) ? sentence.slice(text.length) : `: ${sentence}`}
    </h1>
  );
}

function AgentFacts({ model: { agent, under_way } }: { model: AgentModel }) {
  const { cost, coverage, median_time_s: median, verified } = agent;
  const gap = points(verified.gap ?? 0);
  const sureness = /\(P ([^)]+)\)/.exec(agent.evidence)?.[1];
  const facts: readonly (readonly [before: string, figure: string, after: string] | false)[] = [
    ["", whole(agent.runs), agent.runs === 1 ? "run" : "runs"],
    agent.rate !== null && ["", percent(agent.rate), `succeeded (${range(agent)})`],
    ["", whole(verified.runs), "verified"],
    gap !== "0" && [
      "claims",
      `${gap.slice(1)} points`,
      gap.startsWith("+") ? "more than checks find" : "less than checks find",
    ],
    median !== null && ["median", seconds(median), ""],
    cost !== null && ["", dollars(cost.per_run), "a run"],
    coverage !== null && ["", whole(coverage.reported), `of ${whole(coverage.started)} reported`],
    sureness !== undefined && ["P", sureness, ""],
  ];
  return (
    <ul class="facts">
      {facts.map(
        (fact) =>
          fact && (
            <li key={fact.join()}>
              {fact[0]} <b>{fact[1]}</b> {fact[2]}
            </li>
          ),
      )}
      <UnderWay runs={under_way} />
    </ul>
  );
}
