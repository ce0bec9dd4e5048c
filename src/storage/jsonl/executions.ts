import { type AgentName, existingAgentNameSchema, foldAgentName } from "../../domain/agent-name.ts";
import { byCodePoint } from "../../domain/code-point-order.ts";
import type { Execution } from "../../domain/execution.ts";
import type { ExecutionFilter } from "../../domain/filter.ts";
import { emptyHistory, viewHistory } from "../../domain/history.ts";
import { type RetentionDays, retentionCutoff } from "../../domain/retention.ts";
import { emptyTally } from "../../domain/tally.ts";
import { KaizenError } from "../../errors.ts";
import { nearCollision } from "../refusals.ts";
import type {
  Appended,
  DamagedLine,
  ExecutionStore,
  NewRun,
  Overview,
  Page,
  PageRequest,
  Pruned,
  Repaired,
} from "../store.ts";
import { AgentLog } from "./agent-log.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { type FileSystem, statusOf } from "./file-system.ts";
import { hasErrno, translateFsError } from "./fs-errors.ts";
import type { Layout } from "./layout.ts";
import type { Locks } from "./lock.ts";
import { type Place, scanBackwards, scanDamage, scanHistory } from "./scan.ts";

/** How many logs this process keeps in mind. One that was forgotten is read again, from its checkpoint on. */
const KNOWN_LOGS = 256;

export interface JsonlExecutionsOptions {
  readonly fileSystem: FileSystem;
  readonly layout: Layout;
  readonly locks: Locks;
  readonly now: () => number;
  readonly retentionDays: RetentionDays;
  readonly onNotice: (message: string) => void;
}

/** The runs of every agent, each in a log of its own. */
export class JsonlExecutions implements ExecutionStore {
  readonly #options: JsonlExecutionsOptions;
  /** In the order of their last use. */
  readonly #logs = new Map<AgentName, AgentLog>();
  /** Agents whose folder has been seen to have exactly this name, also where the file system ignores case. */
  readonly #spelled = new Set<AgentName>();
  #closed = false;

  constructor(options: JsonlExecutionsOptions) {
    this.#options = options;
  }

  append(agent: AgentName, run: NewRun): Promise<Appended> {
    return this.#guard("recording a run", () => this.#log(agent).append(run));
  }

  overview(agent: AgentName): Promise<Overview> {
    return this.#readLog(agent, emptyOverview, (log) => log.overview());
  }

  overviewOf(agent: AgentName, filter: ExecutionFilter): Promise<Overview> {
    return this.#readLog(agent, emptyOverview, async (log) => {
      const { damagedLines } = await log.overview();
      return { view: await log.withSnapshot((snapshot) => scanHistory(snapshot, filter)), damagedLines };
    });
  }

  page(agent: AgentName, request: PageRequest): Promise<Page> {
    const nothing = async () => ({ executions: [], nextCursor: undefined });
    return this.#readLog(agent, nothing, (log) =>
      log.withSnapshot(async (snapshot) => {
        const identity = statusOf(snapshot.fileSystem, snapshot.fd).identity;
        const before: Place | undefined = decodeCursor(request.cursor, identity);
        const found = await scanBackwards(snapshot, request, before);
        const page = found.slice(0, request.limit);
        const last = page.at(-1);
        return {
          executions: page.map((run) => run.execution),
          nextCursor: found.length > page.length && last !== undefined ? encodeCursor(last, identity) : undefined,
        };
      }),
    );
  }

  find(agent: AgentName, id: string): Promise<Execution | undefined> {
    return this.#readLog(
      agent,
      async () => undefined,
      (log) => log.find(id),
    );
  }

  listAgents(): Promise<AgentName[]> {
    return this.#guard("listing the agents", async () => {
      return this.#folders().filter((name) => this.#isListed(name));
    });
  }

  prune(agent: AgentName): Promise<Pruned> {
    return this.#readLog(
      agent,
      async () => ({ removed: 0, kept: 0 }),
      (log) => log.prune(),
    );
  }

  repair(agent: AgentName): Promise<Repaired> {
    return this.#readLog(
      agent,
      async () => ({ quarantined: 0, mended: 0 }),
      (log) => log.repair(),
    );
  }

  damage(agent: AgentName): Promise<DamagedLine[]> {
    return this.#readLog(
      agent,
      async () => [],
      (log) => log.withSnapshot(scanDamage),
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#logs.values()].map((log) => log.settled()));
    this.#logs.clear();
    this.#options.locks.close();
  }

  /** Does something with a log that is there; an agent without one has no runs. */
  #readLog<T>(agent: AgentName, nothing: () => Promise<T>, use: (log: AgentLog) => Promise<T>): Promise<T> {
    return this.#guard(`reading the log of ${agent}`, async () => {
      if (!this.#options.layout.hasLog(agent)) return nothing();
      try {
        return await use(this.#log(agent));
      } catch (error) {
        if (hasErrno(error, "ENOENT") && !this.#options.layout.hasLog(agent)) return nothing();
        throw error;
      }
    });
  }

  async #guard<T>(doing: string, work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new KaizenError("CLOSED", "The store has been closed.");
    try {
      return await work();
    } catch (error) {
      throw translateFsError(error, doing);
    }
  }

  #log(agent: AgentName): AgentLog {
    const log = this.#logs.get(agent) ?? this.#open(agent);
    this.#logs.delete(agent);
    this.#logs.set(agent, log);
    for (const [name, known] of this.#logs) {
      if (this.#logs.size <= KNOWN_LOGS) break;
      if (known.isIdle && known !== log) this.#logs.delete(name);
    }
    return log;
  }

  #open(agent: AgentName): AgentLog {
    const { layout, now, retentionDays } = this.#options;
    return new AgentLog({
      ...this.#options,
      agent,
      files: layout.agent(agent),
      cutoff: () => retentionCutoff(retentionDays, now()),
      prepareFolder: () => this.#prepareFolder(agent),
    });
  }

  /** Makes the folder of a new agent, unless another agent's would be the same on a file system that ignores case. */
  async #prepareFolder(agent: AgentName): Promise<void> {
    const { layout, locks } = this.#options;
    const { folder } = layout.agent(agent);
    // The folder itself is looked at each time; that its name is spelled like this, once.
    if (layout.hasFolder(folder) && this.#spelled.has(agent)) return;
    layout.makeFolder(layout.metrics);
    // No agent's name begins with a dot, so this lock is nobody's own.
    const lock = await locks.acquire(".create");
    try {
      const collision = this.#folders().find((name) => name !== agent && foldAgentName(name) === foldAgentName(agent));
      if (collision !== undefined) throw nearCollision(agent, collision);
      layout.makeFolder(folder);
      this.#spelled.add(agent);
    } finally {
      lock.release();
    }
  }

  /** A link in the place of one agent's folder is refused when that agent is asked for, and hides no other agent. */
  #isListed(agent: AgentName): boolean {
    try {
      return this.#options.layout.hasLog(agent);
    } catch (error) {
      if (error instanceof KaizenError && error.code === "UNSAFE_PATH") return false;
      throw error;
    }
  }

  #folders(): AgentName[] {
    const { layout } = this.#options;
    return layout
      .metricsEntries()
      .flatMap((name) => existingAgentNameSchema.safeParse(name).data ?? [])
      .sort(byCodePoint);
  }
}

async function emptyOverview(): Promise<Overview> {
  const view = await viewHistory(emptyHistory(), Number.NEGATIVE_INFINITY, async () => emptyTally());
  if (view === undefined) throw new Error("an empty history has empty windows");
  return { view, damagedLines: 0 };
}
