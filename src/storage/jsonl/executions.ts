import { emptyHistory, viewWhole } from "../../domain/figures/history.ts";
import type { AgentName } from "../../domain/run/agent-name.ts";
import type { Execution } from "../../domain/run/execution.ts";
import type { ExecutionFilter } from "../../domain/run/filter.ts";
import { retentionCutoff } from "../../domain/run/retention.ts";
import type { MergeResult } from "../../domain/verification/merge-verifications.ts";
import { nothingVerified } from "../../domain/verification/verification.ts";
import { unknownRun } from "../refusals.ts";
import type {
  Appended,
  DamagedLine,
  ExecutionStore,
  NewRun,
  NewVerification,
  OnBytes,
  Page,
  PageRequest,
  Preview,
  Pruned,
  Repaired,
  ScannedRun,
  Verified,
  VerifiedOverview,
} from "../store.ts";
import type { Seen } from "./agent-folders.ts";
import { AgentLog } from "./agent-log.ts";
import type { JsonlAgentsOptions } from "./agent-stores-options.ts";
import { ChangeTokens } from "./files/change-token.ts";
import { hasErrno } from "./files/fs-errors.ts";
import { InFlightCalls, throwingErrorsOf } from "./in-flight.ts";
import { LruCache } from "./lru-cache.ts";
import { readPage } from "./run-view/page.ts";
import { decideBatch } from "./runs/batch.ts";

/** The runs of every agent, each in a log of its own. */
export class JsonlExecutions implements ExecutionStore {
  readonly #options: JsonlAgentsOptions;
  readonly #logs: LruCache<AgentLog>;
  readonly #tokens: ChangeTokens;
  readonly #calls = new InFlightCalls();

  constructor(options: JsonlAgentsOptions) {
    this.#options = options;
    this.#logs = new LruCache(
      (agent, folder) => this.#open(agent, folder),
      (agent) => options.layout.agentFolder(agent),
    );
    this.#tokens = new ChangeTokens(options.fileSystem, options.layout, "runs");
  }

  append(agent: AgentName, run: NewRun): Promise<Appended> {
    return this.#calls.answer("recording a run", () => this.#logs.get(agent).append(run));
  }

  preview(agent: AgentName, runs: readonly NewRun[]): Promise<Preview[]> {
    const { retentionDays } = this.#options;
    const nothing = async () => decideBatch(agent, runs, { retentionDays, find: () => undefined, copies: () => 0 });
    return this.#withLog<readonly Preview[]>(agent, nothing, (log) => log.preview(runs)).then((found) => [...found]);
  }

  verify(agent: AgentName, verification: NewVerification): Promise<Verified> {
    const nothing = async () => {
      throw unknownRun(agent, verification.execution_id);
    };
    return this.#withLog(agent, nothing, (log) => log.verify(verification));
  }

  mergeVerifications(agent: AgentName, verifications: readonly NewVerification[]): Promise<MergeResult[]> {
    return this.#withLog(
      agent,
      async () => verifications.map(() => "unknown_run" as const),
      (log) => log.mergeVerifications(verifications),
      "adding verifications to",
    );
  }

  previewVerifications(agent: AgentName, verifications: readonly NewVerification[]): Promise<MergeResult[]> {
    return this.#withLog(
      agent,
      async () => verifications.map(() => "unknown_run" as const),
      (log) => log.previewVerifications(verifications),
    );
  }

  overview(agent: AgentName): Promise<VerifiedOverview> {
    return this.#withLog(agent, emptyOverview, (log) => log.overview());
  }

  overviewOf(agent: AgentName, filter: ExecutionFilter): Promise<VerifiedOverview> {
    return this.#withLog(agent, emptyOverview, (log) => log.overviewOf(filter));
  }

  page(agent: AgentName, request: PageRequest): Promise<Page> {
    const nothing = async () => ({ executions: [], nextCursor: undefined });
    return this.#withLog(agent, nothing, (log) => log.withSnapshot((snapshot) => readPage(snapshot, request)));
  }

  scan(agent: AgentName, filter: ExecutionFilter, use: (runs: readonly ScannedRun[]) => Promise<void>): Promise<void> {
    return throwingErrorsOf(use, (noting) =>
      this.#withLog(
        agent,
        async () => {},
        (log) => log.scan(filter, noting),
      ),
    );
  }

  find(agent: AgentName, id: string): Promise<Execution | undefined> {
    return this.#withLog(
      agent,
      async () => undefined,
      (log) => log.find(id),
    );
  }

  usedKeys(agent: AgentName, keys: readonly string[]): Promise<ReadonlySet<string>> {
    if (keys.length === 0) return Promise.resolve(new Set());
    return this.#withLog(
      agent,
      async () => new Set<string>(),
      (log) => log.usedKeys(keys),
    );
  }

  async listAgents(like?: string): Promise<AgentName[]> {
    const found = await this.#survey(like);
    return [...found].flatMap(([agent, seen]) => (seen === "unsafe" ? [] : agent));
  }

  async unsafeAgents(): Promise<AgentName[]> {
    return [...(await this.#survey())].flatMap(([agent, seen]) => (seen === "unsafe" ? agent : []));
  }

  async lastChanges(): Promise<ReadonlyMap<AgentName, number | undefined>> {
    const found = await this.#survey();
    return new Map([...found].map(([agent, seen]) => [agent, typeof seen === "number" ? seen : undefined]));
  }

  #survey(like?: string): Promise<Map<AgentName, Seen>> {
    return this.#calls.answer("listing the agents", async () => this.#options.folders.survey("log", like));
  }

  changeToken(agent?: AgentName): Promise<string> {
    return this.#calls.answer("looking for changes", async () =>
      agent === undefined ? this.#tokens.ofAll() : this.#tokens.of(agent),
    );
  }

  prune(agent: AgentName, onProgress?: OnBytes): Promise<Pruned> {
    return this.#withLog(
      agent,
      async () => ({ removed: 0, kept: 0 }),
      (log) => log.prune(onProgress),
      "pruning",
    );
  }

  sortByTime(agent: AgentName): Promise<boolean> {
    return this.#withLog(
      agent,
      async () => false,
      (log) => log.sortByTime(),
      "arranging",
    );
  }

  repair(agent: AgentName, onProgress?: OnBytes): Promise<Repaired> {
    return this.#withLog(
      agent,
      async () => ({ quarantined: 0, mended: 0 }),
      (log) => log.repair(onProgress),
      "repairing",
    );
  }

  damage(agent: AgentName): Promise<DamagedLine[]> {
    return this.#withLog(
      agent,
      async () => [],
      (log) => log.damage(),
    );
  }

  async close(): Promise<void> {
    await this.#calls.close();
    await this.#logs.close();
    this.#options.locks.close();
  }

  /** Does something with a log that is there; an agent without one has no runs. */
  #withLog<T>(
    agent: AgentName,
    nothing: () => Promise<T>,
    use: (log: AgentLog) => Promise<T>,
    doing = "reading",
  ): Promise<T> {
    return this.#calls.answer(`${doing} the log of ${agent}`, async () => {
      if (!this.#options.layout.hasLog(agent)) return nothing();
      try {
        return await use(this.#logs.get(agent));
      } catch (error) {
        if (hasErrno(error, "ENOENT") && !this.#options.layout.hasLog(agent)) return nothing();
        throw error;
      }
    });
  }

  #open(agent: AgentName, folder: string): AgentLog {
    const { folders, layout, now, retentionDays } = this.#options;
    return new AgentLog({
      ...this.#options,
      agent,
      files: layout.filesIn(folder),
      cutoff: () => retentionCutoff(retentionDays, now()),
      prepareFolder: () => folders.prepare(agent),
    });
  }
}

async function emptyOverview(): Promise<VerifiedOverview> {
  return { view: viewWhole(emptyHistory()), damagedLines: 0, verified: nothingVerified };
}
