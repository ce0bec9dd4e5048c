import { summarise } from "../../domain/figures/summary.ts";
import { emptyHistory, viewWhole } from "../../domain/history/history.ts";
import type { AgentName } from "../../domain/run/agent-name.ts";
import { type ExecutionFilter, isEmptyFilter } from "../../domain/run/filter.ts";
import { nothingVerified } from "../../domain/verification/verified-view.ts";
import { unknownRun } from "../refusals.ts";
import { decideBatch } from "../shared/batch.ts";
import { InFlightCalls } from "../shared/in-flight.ts";
import type { LruCache } from "../shared/lru-cache.ts";
import type {
  Appended,
  CalledRun,
  DayOutcomes,
  DryRunOption,
  FoundRun,
  ListedAgent,
  ListOptions,
  NewRun,
  NewVerification,
  OnDone,
  Ordering,
  Page,
  PageRequest,
  Pruned,
  Retention,
  RunStore,
  ScannedRun,
  VerifiedOverview,
  VerifyOptions,
  VerifyResult,
} from "../store.ts";
import { listed, type Seen } from "./agent-folders.ts";
import { AgentLog } from "./agent-log.ts";
import { type JsonlAgentsOptions, perAgent } from "./agent-stores-options.ts";
import { ChangeTokens } from "./files/change-token.ts";
import { hasErrno, translateFsError } from "./files/fs-errors.ts";
import type { Repaired } from "./runs/log-upkeep.ts";

const emptyOverview: VerifiedOverview = {
  view: viewWhole(emptyHistory()),
  unreadable: 0,
  verified: nothingVerified,
};

/** The runs of every agent, each in a log of its own. */
export class JsonlRuns implements RunStore, Retention, Ordering {
  readonly #options: JsonlAgentsOptions;
  readonly #logs: LruCache<AgentLog>;
  readonly #tokens: ChangeTokens;
  readonly #calls = new InFlightCalls(translateFsError);

  constructor(options: JsonlAgentsOptions) {
    this.#options = options;
    this.#logs = perAgent(options, (context) => new AgentLog(context));
    this.#tokens = new ChangeTokens(options.fileSystem, options.layout, "runs");
  }

  append(agent: AgentName, runs: readonly NewRun[], { dryRun = false }: DryRunOption = {}): Promise<Appended> {
    if (!dryRun) return this.#calls.answer("recording a run", () => this.#logs.get(agent).append(runs));
    const { retentionDays } = this.#options;
    const noLog = { retentionDays, find: () => undefined, copies: () => 0 };
    const nothing = (): Appended => {
      const summary = summarise(agent, emptyOverview.view);
      return { results: decideBatch(agent, runs, noLog), overview: emptyOverview, summary };
    };
    return this.#withLog(agent, nothing, (log) => log.preview(runs));
  }

  verify(
    agent: AgentName,
    verifications: readonly NewVerification[],
    options: VerifyOptions = {},
  ): Promise<VerifyResult[]> {
    const unknown = ({ execution_id }: NewVerification): VerifyResult => {
      return { kind: "refused", error: unknownRun(agent, execution_id) };
    };
    const doing = options.dryRun ? "reading" : "adding verifications to";
    return this.#withLog(
      agent,
      () => verifications.map(unknown),
      (log) => log.verify(verifications, options),
      doing,
    );
  }

  overview(agent: AgentName, filter: ExecutionFilter = {}): Promise<VerifiedOverview> {
    return this.#withLog(
      agent,
      () => emptyOverview,
      (log) => (isEmptyFilter(filter) ? log.overview() : log.overviewOf(filter)),
    );
  }

  days(agent: AgentName): Promise<readonly DayOutcomes[]> {
    return this.#withLog(
      agent,
      () => [],
      (log) => log.days(),
    );
  }

  page(agent: AgentName, request: PageRequest): Promise<Page> {
    const nothing = (): Page => ({ executions: [], verifications: new Map(), nextCursor: undefined });
    return this.#withLog(agent, nothing, (log) => log.page(request));
  }

  scan(agent: AgentName, filter: ExecutionFilter): AsyncIterable<readonly ScannedRun[]> {
    return this.#calls.answerInParts(`reading the log of ${agent}`, () => this.#scan(agent, filter));
  }

  async *#scan(agent: AgentName, filter: ExecutionFilter): AsyncGenerator<readonly ScannedRun[]> {
    if (!this.#options.layout.hasLog(agent)) return;
    try {
      yield* this.#logs.get(agent).scan(filter);
    } catch (error) {
      if (!this.#isGone(agent, error)) throw error;
    }
  }

  existingKeys(agent: AgentName, keys: readonly string[]): Promise<ReadonlySet<string>> {
    if (keys.length === 0) return Promise.resolve(new Set());
    const nothing = () => new Set<string>();
    return this.#withLog(agent, nothing, (log) => log.existingKeys(keys));
  }

  lookUp(agent: AgentName, keys: readonly string[]): Promise<ReadonlyMap<string, FoundRun>> {
    if (keys.length === 0) return Promise.resolve(new Map());
    const nothing = () => new Map<string, FoundRun>();
    return this.#withLog<ReadonlyMap<string, FoundRun>>(agent, nothing, (log) => log.lookUp(keys));
  }

  find(agent: AgentName, id: string): Promise<CalledRun | undefined> {
    return this.#withLog(
      agent,
      () => undefined,
      (log) => log.find(id),
    );
  }

  async listAgents({ like, times = false }: ListOptions = {}): Promise<ListedAgent[]> {
    const agents = listed(await this.#survey(like));
    const { folders } = this.#options;
    return times ? agents.map((agent) => ({ ...agent, lastRun: folders.lastRun(agent.name) })) : agents;
  }

  /** Agents that are not listed, because something else stands in the place of their log or folder. */
  async unsafeAgents(): Promise<AgentName[]> {
    return [...(await this.#survey())].flatMap(([agent, seen]) => (seen === "unsafe" ? agent : []));
  }

  #survey(like?: string): Promise<Map<AgentName, Seen>> {
    return this.#calls.answer("listing the agents", async () => this.#options.folders.survey("log", like));
  }

  changeToken(agent?: AgentName): Promise<string> {
    return this.#calls.answer("looking for changes", async () => this.#tokens.of(agent));
  }

  prune(agent: AgentName, { onProgress }: { readonly onProgress?: OnDone | undefined } = {}): Promise<Pruned> {
    const nothing = () => ({ removed: 0, kept: 0 });
    return this.#withLog(agent, nothing, (log) => log.prune(onProgress), "pruning");
  }

  sortByTime(agent: AgentName): Promise<boolean> {
    return this.#withLog(
      agent,
      () => false,
      (log) => log.sortByTime(),
      "arranging",
    );
  }

  /** Sets a damaged log right: what cannot be read moves, byte for byte, to the quarantine beside the log. */
  repair(agent: AgentName, onProgress?: OnDone): Promise<Repaired> {
    const nothing = () => ({ quarantined: 0, mended: 0 });
    return this.#withLog(agent, nothing, (log) => log.repair(onProgress), "repairing");
  }

  async close(): Promise<void> {
    await this.#calls.close();
    await this.#logs.close();
    this.#options.locks.close();
  }

  /** Does something with a log that is there; an agent without one has no runs. */
  #withLog<T>(
    agent: AgentName,
    nothing: () => T,
    use: (log: AgentLog) => T | Promise<T>,
    doing = "reading",
  ): Promise<T> {
    return this.#calls.answer(`${doing} the log of ${agent}`, async () => {
      if (!this.#options.layout.hasLog(agent)) return nothing();
      try {
        return await use(this.#logs.get(agent));
      } catch (error) {
        if (this.#isGone(agent, error)) return nothing();
        throw error;
      }
    });
  }

  #isGone(agent: AgentName, error: unknown): boolean {
    return hasErrno(error, "ENOENT") && !this.#options.layout.hasLog(agent);
  }
}
