import type { AgentName } from "../domain/agent-name.ts";
import { foldAgentName } from "../domain/agent-name.ts";
import { byCodePoint } from "../domain/code-point-order.ts";
import { type Execution, isSameReport, readExecution } from "../domain/execution.ts";
import { type ExecutionFilter, matchesFilter } from "../domain/filter.ts";
import { addToHistory, emptyHistory, viewHistory } from "../domain/history.ts";
import type { JsonObject } from "../domain/json.ts";
import { hasExpired, type RetentionDays, retentionCutoff } from "../domain/retention.ts";
import { emptyTally } from "../domain/tally.ts";
import { KaizenError } from "../errors.ts";
import { nearCollision, unreadableRun, usedKey } from "./refusals.ts";
import type {
  Appended,
  ExecutionStore,
  NewRun,
  OptimizerStore,
  Overview,
  Page,
  PageRequest,
  Pruned,
  RecommendationEntry,
  Store,
} from "./store.ts";

export interface MemoryStoreOptions {
  readonly now: () => number;
  readonly retentionDays: RetentionDays;
}

/** A store that forgets everything with its process: obviously correct, and the oracle that the others are held to. */
export function createMemoryStore(options: MemoryStoreOptions): Store {
  return { executions: new MemoryExecutions(options), optimizer: new MemoryOptimizer() };
}

class MemoryExecutions implements ExecutionStore {
  readonly #options: MemoryStoreOptions;
  readonly #runs = new Map<AgentName, Execution[]>();
  #closed = false;

  constructor(options: MemoryStoreOptions) {
    this.#options = options;
  }

  async append(agent: AgentName, run: NewRun): Promise<Appended> {
    this.#assertOpen();
    const collision = this.#agents().find((known) => known !== agent && foldAgentName(known) === foldAgentName(agent));
    if (collision !== undefined) throw nearCollision(agent, collision);
    const execution = readExecution(structuredClone(run.record));
    if (execution === undefined) throw unreadableRun();
    const runs = this.#live(agent);
    const first = execution.key === undefined ? undefined : runs.find((known) => known.key === execution.key);
    if (first !== undefined) {
      if (!isSameReport(first.record, run.reported)) throw usedKey(agent, first);
      return { execution: first, duplicate: true, overview: await this.overview(agent) };
    }
    this.#runs.set(agent, [...runs, execution]);
    return { execution, duplicate: false, overview: await this.overview(agent) };
  }

  async overview(agent: AgentName): Promise<Overview> {
    return this.overviewOf(agent, {});
  }

  async overviewOf(agent: AgentName, filter: ExecutionFilter): Promise<Overview> {
    this.#assertOpen();
    const history = emptyHistory();
    for (const [place, run] of this.#live(agent).entries()) {
      if (matchesFilter(run, filter)) addToHistory(history, run, place);
    }
    const view = await viewHistory(history, Number.NEGATIVE_INFINITY, async () => emptyTally());
    if (view === undefined) throw new Error("a history without expired runs always has its windows");
    return { view, damagedLines: 0 };
  }

  async page(agent: AgentName, request: PageRequest): Promise<Page> {
    this.#assertOpen();
    const newestFirst = this.#live(agent)
      .filter((run) => matchesFilter(run, request.filter))
      .reverse();
    const start = request.cursor === undefined ? 0 : Number(request.cursor);
    const executions = newestFirst.slice(start, start + request.limit);
    const end = start + executions.length;
    return { executions, nextCursor: end < newestFirst.length ? String(end) : undefined };
  }

  async find(agent: AgentName, id: string): Promise<Execution | undefined> {
    this.#assertOpen();
    return this.#live(agent).find((run) => run.id === id);
  }

  async listAgents(): Promise<AgentName[]> {
    this.#assertOpen();
    return this.#agents();
  }

  async prune(agent: AgentName): Promise<Pruned> {
    this.#assertOpen();
    const before = this.#runs.get(agent) ?? [];
    const kept = this.#live(agent);
    if (before.length > 0) this.#runs.set(agent, kept);
    return { removed: before.length - kept.length, kept: kept.length };
  }

  async repair(): Promise<{ quarantined: number; mended: number }> {
    this.#assertOpen();
    return { quarantined: 0, mended: 0 };
  }

  async damage(): Promise<[]> {
    this.#assertOpen();
    return [];
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #agents(): AgentName[] {
    return [...this.#runs.keys()].sort(byCodePoint);
  }

  #live(agent: AgentName): Execution[] {
    const cutoff = retentionCutoff(this.#options.retentionDays, this.#options.now());
    return (this.#runs.get(agent) ?? []).filter((run) => !hasExpired(run.at, cutoff));
  }

  #assertOpen(): void {
    if (this.#closed) throw new KaizenError("CLOSED", "The store has been closed.");
  }
}

class MemoryOptimizer implements OptimizerStore {
  #report: JsonObject | undefined;
  readonly #entries: RecommendationEntry[] = [];

  async writeAnalysis(report: JsonObject): Promise<string> {
    this.#report = structuredClone(report);
    return "analysis.json";
  }

  async readAnalysis(): Promise<JsonObject | undefined> {
    return structuredClone(this.#report);
  }

  async appendRecommendations(entries: readonly RecommendationEntry[]): Promise<void> {
    this.#entries.push(...structuredClone(entries));
  }

  async readRecommendations(): Promise<RecommendationEntry[]> {
    return structuredClone(this.#entries);
  }
}
