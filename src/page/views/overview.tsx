import type { OverviewModel } from "../../domain/dashboard/view-model.ts";
import { localTimes, whole } from "../format.ts";
import { AdviceSection } from "./advice.tsx";
import { AgentsTable } from "./agents-table.tsx";
import { ComparisonSection } from "./comparison.tsx";
import { FailuresSection } from "./failures.tsx";
import { Cards, Health, UnderWay } from "./notices.tsx";

export function Overview({ model }: { readonly model: OverviewModel }) {
  const { agent_count: agents, run_count: runs } = model;
  return (
    <main>
      <div class="top">
        <h1>{localTimes(model.headline)}</h1>
        <ul class="facts">
          <li>
            <b>{whole(agents)}</b> {agents === 1 ? "agent" : "agents"}
          </li>
          <li>
            <b>{whole(runs)}</b> {runs === 1 ? "run" : "runs"}
            {agents > model.agents.length && " of those below"}
          </li>
          <UnderWay runs={model.under_way} />
        </ul>
        <Health lines={model.health} />
        <Cards notices={model.worth_a_look} />
      </div>
      <AgentsTable agents={model.agents} total={agents} />
      <AdviceSection advice={model.advice} isOfOne={false} />
      <FailuresSection failures={model.failures} generatedAt={model.generated_at} isOfOne={false} />
      {model.compared_with !== null && <ComparisonSection rows={model.comparison} base={model.compared_with} />}
    </main>
  );
}
