import { type AgentName, agentNameSchema, existingAgentNameSchema, parseAgentName } from "./domain/agent-name.ts";
import { type Analysis, recommendationId } from "./domain/analysis.ts";
import { nearestName } from "./domain/arguments.ts";
import { type BriefDetail, coachBrief, type MeasuredRecommendation } from "./domain/brief.ts";
import { baselineOf, effectOf, type RunOutcome } from "./domain/effect.ts";
import { executionId } from "./domain/execution.ts";
import { type ExecutionFilter, isEmptyFilter } from "./domain/filter.ts";
import type { JsonObject } from "./domain/json.ts";
import { performanceSummary } from "./domain/performance-summary.ts";
import {
  foldRecommendations,
  getRecommendation,
  isRealChange,
  type Moment,
  type Recommendation,
  type RecommendationEvent,
  type UpdateRecommendation,
} from "./domain/recommendation.ts";
import { completeRecord, type ReportedExecution, reportedRecord } from "./domain/report.ts";
import type { RetentionDays } from "./domain/retention.ts";
import { computeStats, outcomeIn, type Stats } from "./domain/stats.ts";
import { type Summary, summarise } from "./domain/summary.ts";
import { formatInstant } from "./domain/time.ts";
import { type ReportedVerification, type VerificationReceipt, verificationReceipt } from "./domain/verification.ts";
import type { Advice, CheckedOverview, Overview, Page, Pruned, RecommendationEntry, Store } from "./storage/store.ts";

export interface KaizenOptions {
  readonly store: Store;
  /** The current instant in ms since 1970. */
  readonly now: () => number;
  /** At least 80 random bits in hexadecimal. */
  readonly randomHex: () => string;
  readonly retentionDays: RetentionDays;
}

/** What the agent gets for its report. */
export interface Receipt {
  readonly id: string | null;
  readonly agent: string;
  /** Whether this call added a run. */
  readonly recorded: boolean;
  /** Whether the run was there already, under the same idempotency key. */
  readonly duplicate: boolean;
  readonly timestamp: string | null;
  readonly execution_count: number;
  readonly success_rate: number;
}

/** The ADR-004 summary, and what has to be known to read it right. */
export interface AgentSummary {
  readonly summary: Summary;
  readonly overview: CheckedOverview;
  /** What can honestly be concluded from the same runs. */
  readonly stats: Stats;
  /** On how many of them verifiers contradict each other. */
  readonly contradictions: number;
}

export type AgentOrder = "name" | "success_rate" | "last_execution";

/** The use cases. Both doors, MCP and command line, call these and nothing below them. */
export class Kaizen {
  readonly #options: KaizenOptions;

  constructor(options: KaizenOptions) {
    this.#options = options;
  }

  /** Appends one run. Acknowledged means: on disk. */
  async record(report: ReportedExecution): Promise<Receipt> {
    const agent = parseAgentName(report.agent);
    const { now, randomHex, retentionDays, store } = this.#options;
    const reported = reportedRecord({ ...report, agent });
    const record = completeRecord(reported, { now: now(), retentionDays, id: executionId(randomHex()) });
    const { execution, duplicate, overview } = await store.executions.append(agent, { record, reported });
    const summary = summarise(agent, overview.view);
    return {
      id: execution.id ?? null,
      agent,
      recorded: !duplicate,
      duplicate,
      timestamp: execution.timestamp,
      execution_count: summary.execution_count,
      success_rate: summary.success_rate,
    };
  }

  /** Keeps what an independent check of a run found. Fails with `NOT_FOUND` where the agent has no live run of that id. */
  async verify(report: ReportedVerification): Promise<VerificationReceipt> {
    const { agent: given, ...check } = report;
    const agent = await this.#knownAgent(given);
    const timestamp = formatInstant(this.#options.now());
    const { run, overview } = await this.#options.store.executions.verify(agent, { ...check, timestamp });
    return verificationReceipt({ ...report, agent }, run, overview.verified);
  }

  /** The figures of one agent, over all live runs or those that a filter picks. */
  async summary(agent: string, filter: ExecutionFilter = {}): Promise<AgentSummary> {
    const name = await this.#knownAgent(agent);
    const { executions } = this.#options.store;
    const overview = isEmptyFilter(filter)
      ? await executions.overview(name)
      : await executions.overviewOf(name, filter);
    return readOut(name, overview);
  }

  /** The ADR-004 performance summary as markdown; empty for an agent without runs. */
  async performanceSummary(agent: string): Promise<string> {
    const { summary, overview } = await this.summary(agent);
    return performanceSummary(summary, overview.view.tally.quality.count > 0);
  }

  /** Every agent with its figures. */
  async listAgents(order: AgentOrder = "name"): Promise<AgentSummary[]> {
    const agents: AgentSummary[] = [];
    for (const name of await this.#options.store.executions.listAgents()) {
      agents.push(readOut(name, await this.#options.store.executions.overview(name)));
    }
    return agents.sort(agentOrders[order]);
  }

  /** The names of every agent that has a log. */
  async agentNames(): Promise<AgentName[]> {
    return this.#options.store.executions.listAgents();
  }

  /** Runs, newest first. */
  async executions(
    agent: string,
    request: { filter: ExecutionFilter; limit: number; cursor?: string | undefined },
  ): Promise<Page> {
    return this.#options.store.executions.page(await this.#knownAgent(agent), request);
  }

  /** The coach brief as markdown: the same bytes for the same data. */
  async brief(agent: string, detail: BriefDetail): Promise<string> {
    const { summary, overview, stats, contradictions } = await this.summary(agent);
    const standing = standingIn(await this.#options.store.optimizer.readAdvice());
    const runs = outcomesOf(overview);
    const recommendations = standing
      .filter((recommendation) => recommendation.agent === summary.agent)
      .map((recommendation) => ({ ...recommendation, effect: effectOf(recommendation, runs) }));
    return coachBrief({ summary, stats, contradictions, recommendations }, detail);
  }

  /** Stores the optimizer's report and its advice; gives the path of the report and an id for each recommendation. */
  async writeAnalysis(analysis: Analysis): Promise<{ path: string; recommendation_ids: string[] }> {
    const { optimizer, executions } = this.#options.store;
    const entries = new Map<AgentName, { moment: Moment; recommendations: JsonObject[] }>();
    const events: RecommendationEvent[] = [];
    const timestamp = formatInstant(this.#options.now());
    for (const { agent, ...advice } of analysis.recommendations ?? []) {
      const name = await this.#knownAgent(agent);
      const entry = entries.get(name) ?? {
        moment: momentOf(await executions.overview(name), timestamp),
        recommendations: [],
      };
      entries.set(name, entry);
      const id = recommendationId(this.#options.randomHex());
      events.push({ id, change: "proposed", ...entry.moment });
      entry.recommendations.push({ id, ...definedParts(advice) });
    }
    const path = await optimizer.writeAnalysis(analysis.report);
    if (entries.size > 0) {
      const lines = [...entries].map(([agent, { moment, recommendations }]) => ({
        timestamp,
        agent,
        metrics_count: moment.execution_count,
        recommendations,
      }));
      await optimizer.appendRecommendations(lines, events);
    }
    return { path, recommendation_ids: events.map(({ id }) => id) };
  }

  /** The optimizer's latest report, or `undefined` where none was written. */
  async analysis(): Promise<JsonObject | undefined> {
    return this.#options.store.optimizer.readAnalysis();
  }

  /** Every recommendation as it stands, or those for one agent, oldest first, with what the adopted ones did. */
  async recommendations(agent?: string): Promise<MeasuredRecommendation[]> {
    const name = agent === undefined ? undefined : await this.#knownAgent(agent);
    const standing = standingIn(await this.#options.store.optimizer.readAdvice());
    const runs = new Map<string, readonly RunOutcome[]>();
    const measured: MeasuredRecommendation[] = [];
    for (const recommendation of standing) {
      if (name !== undefined && recommendation.agent !== name) continue;
      const known = runs.get(recommendation.agent);
      const outcomes = known ?? outcomesOf(await this.#overviewFor(recommendation));
      runs.set(recommendation.agent, outcomes);
      measured.push({ ...recommendation, effect: effectOf(recommendation, outcomes) });
    }
    return measured;
  }

  /** The ADR-004 entries of every recommendation, oldest first. */
  async recommendationEntries(): Promise<readonly RecommendationEntry[]> {
    return (await this.#options.store.optimizer.readAdvice()).entries;
  }

  /**
   * Notes what became of a recommendation. The same again changes nothing. Fails with `NOT_FOUND` for an unknown id, and
   * with `INVALID_ARGUMENT` where the change is not possible from where the recommendation stands.
   */
  async updateRecommendation({ id, status, note }: UpdateRecommendation): Promise<MeasuredRecommendation> {
    const { optimizer } = this.#options.store;
    const overview = await this.#overviewFor(getRecommendation(standingIn(await optimizer.readAdvice()), id));
    const moment = momentOf(overview, formatInstant(this.#options.now()));
    const advice = await optimizer.change((current) => {
      const { proposed, ...standing } = getRecommendation(standingIn(current), id);
      if (!isRealChange(standing, status)) return undefined;
      const event = { id, change: status, ...moment, ...(note === undefined ? {} : { note }) };
      return status === "adopted" ? { ...event, before: baselineOf(outcomesOf(overview), proposed) } : event;
    });
    const changed = getRecommendation(standingIn(advice), id);
    return { ...changed, effect: effectOf(changed, outcomesOf(overview)) };
  }

  /**
   * A text that differs once anything has changed, in any process, that the answers about an agent are made of; without
   * a name, those about any agent and the optimizer. Looks at files from outside only.
   */
  async changeStamp(agent?: string): Promise<string> {
    const { executions, optimizer } = this.#options.store;
    const name = agent === undefined ? undefined : await this.#knownAgent(agent);
    return JSON.stringify([await executions.stamp(name), await optimizer.stamp()]);
  }

  /** Takes expired runs out of an agent's log. */
  async prune(agent: string): Promise<Pruned> {
    return this.#options.store.executions.prune(await this.#knownAgent(agent));
  }

  /** Waits for calls under way; later ones fail with `CLOSED`. */
  async close(): Promise<void> {
    await this.#options.store.executions.close();
  }

  /** The runs that a recommendation is about: none where another writer has put no agent's name there. */
  async #overviewFor({ agent }: Pick<Recommendation, "agent">): Promise<CheckedOverview | undefined> {
    const name = existingAgentNameSchema.safeParse(agent);
    return name.success ? this.#options.store.executions.overview(name.data) : undefined;
  }

  /** An agent that may be asked about: a name that we would give, or one that stands in the store already. */
  async #knownAgent(agent: string): Promise<AgentName> {
    const valid = agentNameSchema.safeParse(agent);
    if (valid.success) return valid.data;
    const existing = existingAgentNameSchema.safeParse(agent);
    if (existing.success && (await this.agentNames()).includes(existing.data)) return existing.data;
    return parseAgentName(agent);
  }
}

/** The agent names that are nearest to one that has no runs, for saying what may have been meant. */
export function suggestAgent(agent: string, known: readonly string[]): string | undefined {
  return known.includes(agent) ? undefined : nearestName(agent, known);
}

function readOut(agent: AgentName, overview: CheckedOverview): AgentSummary {
  const { contradictions } = overview.verified;
  return { summary: summarise(agent, overview.view), overview, stats: computeStats(overview), contradictions };
}

/** The last live runs, each with the outcome that counts. */
function outcomesOf(overview: CheckedOverview | undefined): RunOutcome[] {
  if (overview === undefined) return [];
  return overview.view.recent.map((run) => ({ ...run, success: outcomeIn(overview.verified, run) }));
}

function momentOf(overview: Overview | undefined, timestamp: string): Moment {
  const { tally, recent } = overview?.view ?? { tally: { runs: 0 }, recent: [] };
  return { timestamp, execution_count: tally.runs, after_execution: recent.at(-1)?.id ?? null };
}

function standingIn({ entries, events }: Advice): Recommendation[] {
  return foldRecommendations(entries, events);
}

const agentOrders: Record<AgentOrder, (a: AgentSummary, b: AgentSummary) => number> = {
  name: () => 0,
  success_rate: (a, b) => a.summary.success_rate - b.summary.success_rate,
  last_execution: (a, b) => lastInstant(b) - lastInstant(a),
};

function lastInstant(agent: AgentSummary): number {
  const last = agent.overview.view.recent.at(-1);
  return last?.at ?? Number.NEGATIVE_INFINITY;
}

function definedParts(parts: Record<string, string | number | undefined>): JsonObject {
  const defined: JsonObject = {};
  for (const [name, value] of Object.entries(parts)) if (value !== undefined) defined[name] = value;
  return defined;
}
