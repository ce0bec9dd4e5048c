import type { RunModel, RunsModel } from "../../domain/dashboard/run-models.ts";
import type { AgentModel, OverviewModel } from "../../domain/dashboard/view-model.ts";

/** Which runs are asked for: filters that are not set let everything pass. */
export interface RunsQuery {
  readonly agent: string;
  readonly outcome?: RunsOutcome | undefined;
  /** A part of the record's text. */
  readonly text?: string | undefined;
  readonly cursor?: string | undefined;
}

export type RunsOutcome = "success" | "failure" | "refuted" | "verified";

/** How the page stands with what it shows; `copy` never changes. */
export type Connection = "live" | "reconnecting" | "stopped" | "copy" | "store unreachable";

/** Where the page gets what it shows: a program that is running, the file that it is in, or a client around it. */
export interface Transport {
  readonly kind: "http" | "file" | "mcp";
  overview(): Promise<OverviewModel>;
  agent(name: string): Promise<AgentModel>;
  /** Missing if single runs are not to be had. */
  readonly runs?: ((query: RunsQuery, signal: AbortSignal) => Promise<RunsModel>) | undefined;
  readonly run?: ((agent: string, id: string) => Promise<RunModel>) | undefined;
  /** Calls `onChange` with the agents that have changed, or with none if that is not known. */
  watch(onChange: (agents: readonly string[]) => void, onState: (state: Connection) => void): void;
}

/** Why something cannot be shown. */
export class PageProblem extends Error {
  readonly kind: "expired" | "missing" | "unreachable" | "away" | "failed";

  constructor(kind: PageProblem["kind"], message = "") {
    super(message);
    this.kind = kind;
  }
}
