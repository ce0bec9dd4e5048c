import { summarise } from "../../../domain/figures/summary.ts";
import { emptyHistory, viewWhole } from "../../../domain/history/history.ts";
import type { AgentName } from "../../../domain/run/agent-name.ts";
import type { ExecutionFilter } from "../../../domain/run/filter.ts";
import type { Verifier } from "../../../domain/verification/verification.ts";
import { nothingVerified } from "../../../domain/verification/verified-view.ts";
import { unknownRun } from "../../refusals.ts";
import { decideBatch } from "../../shared/batch.ts";
import { InFlightCalls } from "../../shared/in-flight.ts";
import { LruCache } from "../../shared/lru-cache.ts";
import type {
  Appended,
  CalledRun,
  DayOutcomes,
  DryRunOption,
  FoundRun,
  ListedAgent,
  NewRun,
  NewVerification,
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
} from "../../store.ts";
import type { Agents } from "../agents/agents.ts";
import { Known } from "../run-view/look-up.ts";
import { translateServerError } from "../server/errors.ts";
import { apartFromCall, noteWritten } from "../server/limit.ts";
import { speaksFor } from "../server/version.ts";
import { AgentRuns, type AgentRunsOptions } from "./agent-runs.ts";
import { isPruningDue, Upkeep } from "./upkeep.ts";

const emptyOverview: VerifiedOverview = {
  view: viewWhole(emptyHistory()),
  unreadable: 0,
  verified: nothingVerified,
};

export interface PostgresRunsOptions extends Omit<AgentRunsOptions, "agent" | "agentId"> {
  readonly agents: Agents;
  /** Called once the runs are closed. */
  readonly onClosed: () => void;
}

/** How long after expired runs could not be taken out, or the clock was not believed, they are left where they are. */
const RETRY_MS = 600_000;

/** The runs of every agent of a project. */
export class PostgresRuns implements RunStore, Retention, Ordering {
  readonly #options: PostgresRunsOptions;
  readonly #ids = new Map<AgentName, string>();
  readonly #known: LruCache<AgentRuns>;
  /** When expired runs were to be taken out last, by agent, in ms since this process began. */
  readonly #prunedAt = new Map<string, number>();
  readonly #calls = new InFlightCalls(translateServerError);

  constructor(options: PostgresRunsOptions) {
    this.#options = options;
    this.#known = new LruCache(
      (agent, agentId) => new AgentRuns({ ...options, agent, agentId }),
      (agent) => this.#ids.get(agent) ?? "",
    );
  }

  append(agent: AgentName, runs: readonly NewRun[], { dryRun = false }: DryRunOption = {}): Promise<Appended> {
    if (!dryRun) {
      return this.#calls.answer("recording a run", async () => {
        // What the caller does to it afterwards is none of ours.
        const given = structuredClone(runs);
        const agentId = await this.#options.agents.claim(agent);
        const log = this.#of(agent, agentId);
        const appended = await log.append(given);
        // Another call may have sent them along with its own.
        noteWritten();
        this.#pruneSoon(agentId, log);
        return appended;
      });
    }
    const nothing = (): Appended => {
      const results = decideBatch(agent, runs, new Known(this.#options.retentionDays));
      return { results, overview: emptyOverview, summary: summarise(agent, emptyOverview.view) };
    };
    return this.#ifThere(agent, nothing, (log) => log.preview(runs));
  }

  verify(
    agent: AgentName,
    verifications: readonly NewVerification[],
    options: VerifyOptions = {},
  ): Promise<VerifyResult[]> {
    const unknown = ({ execution_id }: NewVerification): VerifyResult => {
      return { kind: "refused", error: unknownRun(agent, execution_id) };
    };
    const nothing = () => verifications.map(unknown);
    return this.#ifThere(agent, nothing, (log) => log.verify(verifications, options), "adding verifications to");
  }

  speaksFor(verifier: Verifier): Promise<boolean> {
    const { database } = this.#options;
    return this.#calls.answer("asking for the rights", () =>
      database.settle(async () => speaksFor(database.rights, verifier)),
    );
  }

  mayChange(): Promise<boolean> {
    const { database } = this.#options;
    return this.#calls.answer("asking for the rights", () => database.settle(async () => database.rights.mayKeep));
  }

  overview(agent: AgentName, filter: ExecutionFilter = {}): Promise<VerifiedOverview> {
    return this.#ifThere(
      agent,
      () => emptyOverview,
      (log) => log.overview(filter),
    );
  }

  days(agent: AgentName): Promise<readonly DayOutcomes[]> {
    return this.#ifThere(
      agent,
      () => [],
      (log) => log.days(),
    );
  }

  page(agent: AgentName, request: PageRequest): Promise<Page> {
    const nothing = (): Page => ({ executions: [], verifications: new Map(), nextCursor: undefined });
    return this.#ifThere(agent, nothing, (log) => log.page(request));
  }

  scan(agent: AgentName, filter: ExecutionFilter): AsyncIterable<readonly ScannedRun[]> {
    return this.#calls.answerInParts(`reading the log of ${agent}`, () => this.#scan(agent, filter));
  }

  async *#scan(agent: AgentName, filter: ExecutionFilter): AsyncGenerator<readonly ScannedRun[]> {
    const agentId = await this.#options.agents.idOf(agent);
    if (agentId !== undefined) yield* this.#of(agent, agentId).scan(filter);
  }

  existingKeys(agent: AgentName, keys: readonly string[]): Promise<ReadonlySet<string>> {
    if (keys.length === 0) return Promise.resolve(new Set());
    const nothing = () => new Set<string>();
    return this.#ifThere(agent, nothing, async ({ cutoff, reader }) => {
      return new Set((await reader.findByKeys(keys, cutoff)).keys());
    });
  }

  lookUp(agent: AgentName, keys: readonly string[]): Promise<ReadonlyMap<string, FoundRun>> {
    if (keys.length === 0) return Promise.resolve(new Map());
    const nothing = (): ReadonlyMap<string, FoundRun> => new Map<string, FoundRun>();
    return this.#ifThere(agent, nothing, ({ cutoff, reader }) => reader.lookUp(keys, cutoff));
  }

  find(agent: AgentName, id: string): Promise<CalledRun | undefined> {
    return this.#ifThere(
      agent,
      () => undefined,
      ({ cutoff, reader }) => reader.find(id, cutoff),
    );
  }

  listAgents({ like }: { readonly like?: string | undefined } = {}): Promise<ListedAgent[]> {
    return this.#calls.answer("listing the agents", () => this.#options.agents.list("runs", like));
  }

  changeToken(agent?: AgentName): Promise<string> {
    return this.#calls.answer("looking for changes", () => this.#options.agents.changeToken("runs", agent));
  }

  /** Takes expired runs out after a call that recorded, which is answered meanwhile. A role that may not leaves them there. */
  #pruneSoon(agentId: string, log: AgentRuns): void {
    const { database, now, onNotice, retentionDays } = this.#options;
    const clock = { now: now(), retentionDays };
    if (
      !database.rights.mayKeep ||
      (this.#prunedAt.get(agentId) ?? Number.NEGATIVE_INFINITY) > performance.now() - RETRY_MS
    )
      return;
    if (!isPruningDue(log.folded, log.cutoff)) return;
    this.#prunedAt.set(agentId, performance.now());
    const left = apartFromCall(() => new Upkeep(database, agentId, log).pruneIfSupported(clock));
    left.then(
      (isDone) => isDone && this.#prunedAt.delete(agentId),
      (error: unknown) => {
        const told = translateServerError(error, "taking expired runs out");
        onNotice(`expired runs are there still: ${told instanceof Error ? told.message : told}`);
      },
    );
  }

  prune(agent: AgentName): Promise<Pruned> {
    const nothing = () => ({ removed: 0, kept: 0 });
    return this.#ifThere(agent, nothing, (log, upkeep) => upkeep.prune(log.cutoff), "pruning");
  }

  sortByTime(agent: AgentName): Promise<boolean> {
    return this.#ifThere(
      agent,
      () => false,
      (log, upkeep) => upkeep.sortByTime(log.cutoff),
      "arranging",
    );
  }

  async close(): Promise<void> {
    await this.#calls.close();
    await this.#known.close();
    this.#options.onClosed();
  }

  #of(agent: AgentName, agentId: string): AgentRuns {
    this.#ids.set(agent, agentId);
    return this.#known.get(agent);
  }

  /** Does something with an agent that is there; another has no runs. */
  #ifThere<T>(
    agent: AgentName,
    nothing: () => T,
    use: (log: AgentRuns, upkeep: Upkeep) => Promise<T>,
    doing = "reading",
  ): Promise<T> {
    return this.#calls.answer(`${doing} the log of ${agent}`, async () => {
      const agentId = await this.#options.agents.idOf(agent);
      if (agentId === undefined) return nothing();
      const log = this.#of(agent, agentId);
      return use(log, new Upkeep(this.#options.database, agentId, log));
    });
  }
}
