import type { RunModel, RunsModel } from "../../domain/dashboard/run-models.ts";
import type { AgentModel, OverviewModel } from "../../domain/dashboard/view-model.ts";
import { PageProblem, type RunsOutcome, type RunsQuery, type Transport } from "./transport.ts";

/** What a file carries in `<script type="application/json" id="model">`: a copy of one moment. */
interface FileModel {
  readonly overview: OverviewModel;
  readonly agents: Readonly<Record<string, AgentModel>>;
  /** By agent, newest first; missing unless records were asked for. */
  readonly runs?: Readonly<Record<string, readonly RunModel[]>>;
}

export function fileTransport(text: string): Transport {
  const { overview, agents, runs }: FileModel = JSON.parse(text);
  const records = (agent: string) => (runs !== undefined && Object.hasOwn(runs, agent) ? (runs[agent] ?? []) : []);
  return {
    kind: "file",
    overview: async () => overview,
    agent: async (name) => (Object.hasOwn(agents, name) ? agents[name] : undefined) ?? missing(),
    runs: runs && (async (query) => pickedRuns(records(query.agent), query)),
    run: runs && (async (agent, id) => records(agent).find((one) => one.id === id) ?? missing()),
    watch: (_onChange, onState) => onState("copy"),
  };
}

function missing(): never {
  throw new PageProblem("missing");
}

const letters: Record<Exclude<RunsOutcome, "verified">, string> = { success: "sp", failure: "fr", refuted: "r" };

function pickedRuns(records: readonly RunModel[], { agent, outcome, text = "" }: RunsQuery): RunsModel {
  const found = records
    .filter(
      ({ run }) =>
        outcome === undefined || (outcome === "verified" ? run.verified_by : letters[outcome].includes(run.outcome)),
    )
    .filter(({ record }) => record.toLowerCase().includes(text.toLowerCase()));
  return {
    kind: "runs",
    version: 1,
    agent,
    runs: found.map(({ run }) => run),
    next_cursor: null,
    searched: records.length,
    is_complete: true,
  };
}
