import type { AgentModel, OverviewModel, RunModel, RunsModel } from "../domain/dashboard/view-model.ts";

/** Which runs the table of runs shows: those that failed or succeeded, that a check refuted, or that one verified. */
export const pickedOutcomes = ["failure", "success", "refuted", "verified"] as const;

export interface RunsRequest {
  readonly agent: string;
  readonly outcome?: (typeof pickedOutcomes)[number] | undefined;
  /** What the record has to contain. */
  readonly text?: string | undefined;
  readonly cursor?: string | undefined;
  /** Look through all runs, however long that takes. */
  readonly all?: boolean | undefined;
}

/** What the dashboard shows. Each fails with `NOT_FOUND` if there is no such agent or run. */
export interface DashboardModels {
  overview(): Promise<OverviewModel>;
  agent(name: string): Promise<AgentModel>;
  runs(request: RunsRequest, signal: AbortSignal): Promise<RunsModel>;
  run(agent: string, id: string): Promise<RunModel>;
}

/** What tells the server of changes, whichever process made them. */
export interface Changes {
  agentNames(): Promise<readonly string[]>;
  /** A text that differs once anything has changed that is shown of an agent, or without a name of any. Costs little. */
  changeToken(agent?: string): Promise<string>;
}

export interface DashboardSource extends DashboardModels, Changes {}
