import { createHash } from "node:crypto";
import type { RunModel } from "../domain/dashboard/run-models.ts";
import type { AdviceModel, AgentModel, FailureModel, OverviewModel } from "../domain/dashboard/view-model.ts";
import { inHtml, type PageFiles, page } from "./shell.ts";
import type { DashboardModels } from "./source.ts";

/** So many runs of an agent are in a file that has records: the last ones. */
const REPORTED_RUNS = 100;

/** What a file has in it: a copy of one moment. */
export interface ReportModel {
  readonly overview: OverviewModel;
  readonly agents: Readonly<Record<string, AgentModel>>;
  /** By agent, newest first; only if records were asked for. */
  readonly runs?: Readonly<Record<string, readonly RunModel[]>>;
}

export interface ReportOptions {
  /** Only this agent. */
  readonly agent?: string | undefined;
  /** With what agents wrote: records, notes, texts of errors, details of advice, the brief. */
  readonly withRecords: boolean;
  /** Told of each agent that was read. */
  onAgent?(read: number, all: number): void;
}

/** Reads what a file shows. Without records it has figures, signatures and titles only, since a file gets around. */
export async function readReport(models: DashboardModels, options: ReportOptions): Promise<ReportModel> {
  const whole = await models.overview();
  const overview = options.agent === undefined ? whole : onlyOf(options.agent, whole);
  const names = options.agent === undefined ? overview.agents.map(({ name }) => name) : [options.agent];
  const agents: [string, AgentModel][] = [];
  const runs: [string, RunModel[]][] = [];
  for (const name of names) {
    agents.push([name, await models.agent(name)]);
    if (options.withRecords) runs.push([name, await lastRuns(models, name)]);
    options.onAgent?.(agents.length, names.length);
  }
  if (options.withRecords) {
    return { overview, agents: Object.fromEntries(agents), runs: Object.fromEntries(runs) };
  }
  const bare = agents.map(([name, model]): [string, AgentModel] => [name, withoutTexts(model)]);
  return { overview: overviewWithoutTexts(overview), agents: Object.fromEntries(bare) };
}

async function lastRuns(models: DashboardModels, agent: string): Promise<RunModel[]> {
  const { signal } = new AbortController();
  const found: RunModel[] = [];
  for (let cursor: string | undefined; found.length < REPORTED_RUNS; ) {
    const listed = await models.runs({ agent, cursor }, signal);
    for (const { id } of listed.runs.slice(0, REPORTED_RUNS - found.length)) {
      found.push(await models.run(agent, id));
    }
    if (listed.next_cursor === null || listed.runs.length === 0) break;
    cursor = listed.next_cursor;
  }
  return found;
}

function onlyOf(agent: string, overview: OverviewModel): OverviewModel {
  const isOfAgent = (one: { readonly agent: string }) => one.agent === agent;
  const agents = overview.agents.filter(({ name }) => name === agent);
  const worth_a_look = overview.worth_a_look.filter(isOfAgent);
  return {
    ...overview,
    headline: worth_a_look[0]?.headline ?? agents[0]?.evidence ?? "",
    agent_count: 1,
    run_count: agents.reduce((sum, { runs }) => sum + runs, 0),
    under_way: overview.under_way.filter(isOfAgent),
    worth_a_look,
    agents,
    advice: overview.advice.filter(isOfAgent),
    failures: overview.failures.filter(isOfAgent),
    compared_with: null,
    comparison: [],
  };
}

/** Errors have paths and secrets in them, and so have the details of advice, and the brief, which quotes both. */
function withoutTexts(model: AgentModel): AgentModel {
  const { advice, brief, failures, story } = model;
  return {
    ...model,
    advice: advice.map(titleOnly),
    failures: failures.map(signatureOnly),
    story: {
      ...story,
      runs: story.runs.map((run) => ({ ...run, task: null })),
      kinds: story.kinds.map((kind) => ({ ...kind, example: "" })),
    },
    brief: { ...brief, text: "" },
  };
}

function overviewWithoutTexts(model: OverviewModel): OverviewModel {
  return { ...model, advice: model.advice.map(titleOnly), failures: model.failures.map(signatureOnly) };
}

function titleOnly(advice: AdviceModel): AdviceModel {
  return { ...advice, detail: null };
}

function signatureOnly(failure: FailureModel): FailureModel {
  return { ...failure, example: "" };
}

/** One document that needs nothing else: it may load nothing, and runs only the script whose hash it names. */
export function reportHtml(files: PageFiles, model: ReportModel): string {
  const { script, style } = inHtml(files);
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
  const data = JSON.stringify(model).replaceAll("<", "\\u003c");
  return page({
    head: `<meta http-equiv="Content-Security-Policy" content="${policy}">\n<style>${style}</style>`,
    foot: `<script type="application/json" id="model">${data}</script>\n<script>${script}</script>`,
  });
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
