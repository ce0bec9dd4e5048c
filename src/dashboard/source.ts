import type { RunModel, RunsModel } from "../domain/dashboard/run-models.ts";
import type { AgentModel, OverviewModel } from "../domain/dashboard/view-model.ts";
import type { RunsQuery } from "../kaizen/dashboard/runs.ts";
import type { Kaizen } from "../kaizen/kaizen.ts";

export type { RunsQuery } from "../kaizen/dashboard/runs.ts";

/** What the dashboard shows. Each fails with `NOT_FOUND` if there is no such agent or run. */
export interface DashboardModels {
  overview(): Promise<OverviewModel>;
  agent(name: string): Promise<AgentModel>;
  runs(query: RunsQuery, signal: AbortSignal): Promise<RunsModel>;
  run(agent: string, id: string): Promise<RunModel>;
}

/** What tells the server of changes, whichever process made them. */
export interface Changes {
  /** A text that differs once anything has changed that is shown of an agent, or without a name of any. Costs little. */
  changeToken(agent?: string): Promise<string>;
}

export interface DashboardSource extends DashboardModels, Changes {}

/** The models of a project, by the name of its folder. */
export function sourceOf(kaizen: Kaizen, project: string): DashboardSource {
  const { dashboard } = kaizen;
  return {
    overview: () => dashboard.overview(project),
    agent: (name) => dashboard.agent(name, project),
    runs: (query, signal) => dashboard.runs(query, signal),
    run: (agent, id) => dashboard.run(agent, id),
    changeToken: (agent) => kaizen.changeToken(agent),
  };
}
