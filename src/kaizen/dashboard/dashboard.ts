import type { MeasuredRecommendation } from "../../domain/coaching/brief-input.ts";
import { daysModel } from "../../domain/dashboard/days.ts";
import type { RunModel, RunsModel } from "../../domain/dashboard/run-models.ts";
import type { AdviceModel, AgentModel, OverviewModel } from "../../domain/dashboard/view-model.ts";
import { SHOWN_AGENTS } from "../../domain/dashboard/view-model.ts";
import { LONGEST_RUN_MS } from "../../domain/evidence/overlapping.ts";
import type { AgentName } from "../../domain/run/agent-name.ts";
import { formatInstant } from "../../domain/run/time.ts";
import { plainLine } from "../../domain/text/plain-text.ts";
import { KaizenError } from "../../errors.ts";
import type { AgentLists } from "../agents/agent-lists.ts";
import { suggestAgent } from "../agents/known-agent.ts";
import type { KaizenOptions } from "../base/options.ts";
import type { Briefs } from "../coaching/briefs.ts";
import type { Recommendations } from "../coaching/recommendations.ts";
import type { TrialResults } from "../coaching/trial-results.ts";
import { type AgentSummary, agentOrders } from "../figures/agent-summary.ts";
import { attentionSentence } from "../figures/attention.ts";
import type { Summaries } from "../figures/summaries.ts";
import { adviceModel } from "./advice.ts";
import { agentRow, NAME_CHARACTERS } from "./agent-row.ts";
import { comparisonWith } from "./compared.ts";
import { failureModels } from "./failures.ts";
import { noticesOf, worthALook } from "./notices.ts";
import { type RunsQuery, runModel, runsModel } from "./runs.ts";
import { evidenceOf, plural, sentencesOf } from "./sentences.ts";
import { ShownAgents } from "./shown-agents.ts";
import { storyOf } from "./story.ts";

export type { RunsQuery } from "./runs.ts";

/** What is shown of each list. */
const SHOWN_ADVICE = 30;
const SHOWN_FAILURES = 20;
const FAILURES_OF_EACH = 5;
const COMPARED_AGENTS = 20;
const UNDER_WAY = 20;
const LOOKED_AT_UNDER_WAY = 50;
/** A brief is read by models; a page needs to know only about how many tokens it takes. */
const CHARACTERS_PER_TOKEN = 4;

type Frame = Pick<OverviewModel, "version" | "project" | "generated_at" | "health" | "under_way">;

export interface DashboardOptions extends Pick<KaizenOptions, "store" | "now"> {
  readonly lists: AgentLists;
  readonly recommendations: Recommendations;
  readonly trials: TrialResults;
  readonly summaries: Summaries;
  readonly briefs: Briefs;
  readonly knownAgent: (agent: string) => Promise<AgentName>;
  readonly agentOf: (run: string) => Promise<AgentName | undefined>;
}

/** The models of the dashboard: everything that the page shows, as plain data. */
export class Dashboard {
  readonly #options: DashboardOptions;
  readonly #shown: ShownAgents;

  constructor(options: DashboardOptions) {
    this.#options = options;
    this.#shown = new ShownAgents(options.agentOf);
  }

  /** Every agent, or of very many the hundred that were at work last. `project` is the name of its folder. */
  async overview(project: string): Promise<OverviewModel> {
    const { agents, further, unread } = await this.#options.lists.latest(SHOWN_AGENTS, new Set(), { times: true });
    const advice = await this.#advice();
    const underWay = await this.#underWay(agents);
    const rows = agents.toSorted(agentOrders.worst);
    const base = mostRuns(agents);
    const of = (name: string) => (advice ?? []).filter(({ agent }) => agent === name);
    return {
      kind: "overview",
      ...(await this.#frame(project, {
        agents,
        underWay,
        unread: unread.length,
        isAdviceUnread: advice === undefined,
      })),
      headline: headlineOf(rows, further),
      agent_count: agents.length + further + unread.length,
      run_count: rows.reduce((sum, { stats }) => sum + stats.success.runs, 0),
      worth_a_look: worthALook(rows.flatMap((known) => noticesOf(known, of(known.summary.agent)))),
      agents: rows.map((known) => agentRow(known, countOf(underWay, known))),
      advice: (advice ?? []).toReversed().slice(0, SHOWN_ADVICE),
      failures: rows
        .flatMap((known) => failureModels(known, FAILURES_OF_EACH))
        .filter(({ count }) => count > 1)
        .sort((a, b) => b.count - a.count)
        .slice(0, SHOWN_FAILURES),
      compared_with: base === undefined ? null : plainLine(base.summary.agent, NAME_CHARACTERS),
      comparison: base === undefined ? [] : comparisonWith(base, othersThan(base, rows).slice(0, COMPARED_AGENTS)),
    };
  }

  /** One agent. Fails with `NOT_FOUND` if nothing of it was ever recorded. */
  async agent(name: string, project: string): Promise<AgentModel> {
    const { briefs, lists, recommendations, summaries } = this.#options;
    const agent = await this.#expectAgent(name);
    const known = await summaries.of(agent, {});
    this.#shown.note(agent, known.overview.view.recent);
    const advice = await recommendations.measuredBy(agent, known.overview);
    const models = await this.#models(advice ?? []);
    const underWay = await this.#underWay([known]);
    const { agents } = await lists.latest(COMPARED_AGENTS + 1, new Set());
    const others = othersThan(known, agents).slice(0, COMPARED_AGENTS);
    const text = await briefs.of(agent, "short");
    return {
      kind: "agent",
      ...(await this.#frame(project, { agents: [known], underWay, unread: 0, isAdviceUnread: advice === undefined })),
      agent: agentRow(known, countOf(underWay, known)),
      sentences: sentencesOf(known),
      notices: noticesOf(known, models),
      story: storyOf(known, advice ?? []),
      advice: models.toReversed().slice(0, SHOWN_ADVICE),
      failures: failureModels(known, SHOWN_FAILURES),
      comparison: known.stats.success.runs === 0 ? [] : comparisonWith(known, others),
      days: daysModel(await this.#options.store.runs.days(agent)),
      evidence: evidenceOf(known),
      brief: { text, tokens: Math.ceil(text.length / CHARACTERS_PER_TOKEN) },
    };
  }

  /** A page of runs, searched within a budget. Ends with an `AbortError` if the signal says so. */
  async runs(query: RunsQuery, signal?: AbortSignal): Promise<RunsModel> {
    return runsModel(this.#options.store, await this.#expectAgent(query.agent), query, signal);
  }

  /** Everything about one run. */
  async run(agent: string, id: string): Promise<RunModel> {
    const { store } = this.#options;
    const name = await this.#expectAgent(agent);
    return runModel(store, name, id, async (key) => {
      const seen = await store.lifecycle.find(name, key);
      return seen === undefined ? [] : [`Hooks saw it begin at ${formatInstant(seen.firstSeenAt)}.`];
    });
  }

  async #frame(
    project: string,
    of: { agents: readonly AgentSummary[]; underWay: Frame["under_way"]; unread: number; isAdviceUnread: boolean },
  ): Promise<Frame> {
    const inAdvice = await this.#options.recommendations.unreadLines();
    const damaged = of.agents.reduce((sum, { stats }) => sum + stats.damaged_lines, inAdvice);
    return {
      version: 1,
      project: plainLine(project, NAME_CHARACTERS),
      generated_at: formatInstant(this.#options.now()),
      health: [
        ...(of.unread === 0
          ? []
          : [`${plural(of.unread, "agent")} could not be read; kaizen-metrics doctor says why.`]),
        ...(damaged === 0
          ? []
          : [`${plural(damaged, "line")} could not be read in full; kaizen-metrics doctor says why.`]),
        ...(of.isAdviceUnread ? ["The advice could not be read; kaizen-metrics doctor says why."] : []),
      ],
      under_way: of.underWay,
    };
  }

  async #models(advice: readonly MeasuredRecommendation[]): Promise<AdviceModel[]> {
    const trials = await this.#options.trials.measured(advice);
    return advice.map((one) => adviceModel(one, one.id === null ? undefined : trials.get(one.id)));
  }

  /** `undefined` if the optimizer's files cannot be read. */
  async #advice(): Promise<AdviceModel[] | undefined> {
    const all = await this.#options.recommendations.readableAll();
    return all === undefined ? undefined : this.#models(all);
  }

  /** The runs that hooks saw begin, and not end yet; the longest first. */
  async #underWay(agents: readonly AgentSummary[]): Promise<Frame["under_way"]> {
    const open: { agent: string; at: number }[] = [];
    const { knownAgent, now, store } = this.#options;
    const since = now() - LONGEST_RUN_MS;
    for (const { coverage, summary } of agents) {
      if (coverage === undefined || coverage.ended === coverage.started) continue;
      const name = await knownAgent(summary.agent);
      const unreported = (await store.lifecycle.overview(name))?.seen.unreported ?? [];
      for (const key of unreported.slice(-LOOKED_AT_UNDER_WAY)) {
        const run = await store.lifecycle.find(name, key);
        if (run === undefined || run.ended || run.firstSeenAt < since) continue;
        open.push({ agent: plainLine(summary.agent, NAME_CHARACTERS), at: run.firstSeenAt });
      }
    }
    return open
      .sort((a, b) => a.at - b.at)
      .slice(0, UNDER_WAY)
      .map(({ agent, at }) => ({ agent, started_at: formatInstant(at) }));
  }

  /** The agent in the form of the store. Fails with `NOT_FOUND` if nothing of it was ever recorded. */
  async #expectAgent(given: string): Promise<AgentName> {
    const { knownAgent, lists } = this.#options;
    const agent = await knownAgent(given);
    if ((await lists.names(agent)).includes(agent)) return agent;
    const become = await this.#shown.whatBecameOf(agent);
    if (become !== undefined) throw new KaizenError("NOT_FOUND", become);
    const nearest = suggestAgent(agent, await lists.names());
    throw new KaizenError(
      "NOT_FOUND",
      `Nothing has been recorded for ${JSON.stringify(plainLine(agent, NAME_CHARACTERS))}.`,
      {
        ...(nearest === undefined
          ? {}
          : { hint: `Did you mean ${JSON.stringify(plainLine(nearest, NAME_CHARACTERS))}?` }),
      },
    );
  }
}

/** Which agents need help: of those that were looked at, and no more is said of the others. */
function headlineOf(rows: readonly AgentSummary[], further: number): string {
  if (rows.length === 0) return "No run is on record yet.";
  const sentence = attentionSentence(rows);
  if (further === 0) return sentence;
  return `Of the ${rows.length} agents at work last, ${sentence.replace(/^No /, "no ")}`;
}

function countOf(underWay: Frame["under_way"], { summary }: AgentSummary): number {
  const name = plainLine(summary.agent, NAME_CHARACTERS);
  return underWay.filter(({ agent }) => agent === name).length;
}

function mostRuns(agents: readonly AgentSummary[]): AgentSummary | undefined {
  return agents.length < 2 ? undefined : agents.toSorted((a, b) => b.stats.success.runs - a.stats.success.runs)[0];
}

function othersThan(base: AgentSummary, agents: readonly AgentSummary[]): AgentSummary[] {
  return agents.filter(({ stats, summary }) => summary.agent !== base.summary.agent && stats.success.runs > 0);
}
