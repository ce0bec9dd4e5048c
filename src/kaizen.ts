import { type AgentName, agentNameSchema, existingAgentNameSchema } from "./domain/agent-name.ts";
import { type Analysis, recommendationId } from "./domain/analysis.ts";
import { nearestName } from "./domain/arguments.ts";
import { executionId } from "./domain/execution.ts";
import { type ExecutionFilter, isEmptyFilter } from "./domain/filter.ts";
import type { JsonObject } from "./domain/json.ts";
import { performanceSummary } from "./domain/performance-summary.ts";
import { completeRecord, type ReportedExecution, reportedRecord } from "./domain/report.ts";
import type { RetentionDays } from "./domain/retention.ts";
import { type Summary, summarise } from "./domain/summary.ts";
import { formatInstant } from "./domain/time.ts";
import { KaizenError } from "./errors.ts";
import type { Overview, Page, Pruned, RecommendationEntry, Store } from "./storage/store.ts";

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
  readonly overview: Overview;
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

  /** The figures of one agent, over all live runs or those that a filter picks. */
  async summary(agent: string, filter: ExecutionFilter = {}): Promise<AgentSummary> {
    const name = await this.#knownAgent(agent);
    const { executions } = this.#options.store;
    const overview = isEmptyFilter(filter)
      ? await executions.overview(name)
      : await executions.overviewOf(name, filter);
    return { summary: summarise(name, overview.view), overview };
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
      const overview = await this.#options.store.executions.overview(name);
      agents.push({ summary: summarise(name, overview.view), overview });
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

  /** Stores the optimizer's report and its advice; gives the path of the report and an id for each recommendation. */
  async writeAnalysis(analysis: Analysis): Promise<{ path: string; recommendation_ids: string[] }> {
    const { optimizer, executions } = this.#options.store;
    const entries = new Map<AgentName, RecommendationEntry & { recommendations: JsonObject[] }>();
    const timestamp = formatInstant(this.#options.now());
    const ids: string[] = [];
    for (const { agent, ...advice } of analysis.recommendations ?? []) {
      const name = await this.#knownAgent(agent);
      const entry = entries.get(name) ?? {
        timestamp,
        agent: name,
        metrics_count: (await executions.overview(name)).view.tally.runs,
        recommendations: [],
      };
      entries.set(name, entry);
      const id = recommendationId(this.#options.randomHex());
      ids.push(id);
      entry.recommendations.push({ id, ...definedParts(advice) });
    }
    const path = await optimizer.writeAnalysis(analysis.report);
    if (entries.size > 0) await optimizer.appendRecommendations([...entries.values()]);
    return { path, recommendation_ids: ids };
  }

  /** The optimizer's latest report, or `undefined` where none was written. */
  async analysis(): Promise<JsonObject | undefined> {
    return this.#options.store.optimizer.readAnalysis();
  }

  /** Every recommendation entry, oldest first. */
  async recommendations(): Promise<RecommendationEntry[]> {
    return this.#options.store.optimizer.readRecommendations();
  }

  /** Takes expired runs out of an agent's log. */
  async prune(agent: string): Promise<Pruned> {
    return this.#options.store.executions.prune(await this.#knownAgent(agent));
  }

  /** Waits for calls under way; later ones fail with `CLOSED`. */
  async close(): Promise<void> {
    await this.#options.store.executions.close();
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

function parseAgentName(agent: string): AgentName {
  const parsed = agentNameSchema.safeParse(agent);
  if (parsed.success) return parsed.data;
  throw new KaizenError("INVALID_AGENT", `${JSON.stringify(agent.slice(0, 80))}: ${parsed.error.issues[0]?.message}.`, {
    hint: 'Use a plain name such as "code-reviewer": letters, digits, . _ - @ + and inner spaces, 1 to 64 characters.',
    cause: parsed.error,
  });
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
