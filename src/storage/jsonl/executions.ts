import type { AgentName } from "../../domain/agent-name.ts";
import type { Execution } from "../../domain/execution.ts";
import type { ExecutionFilter } from "../../domain/filter.ts";
import { emptyHistory, viewWhole } from "../../domain/history.ts";
import { nothingVerified } from "../../domain/verification.ts";
import { KaizenError } from "../../errors.ts";
import { unknownRun } from "../refusals.ts";
import type {
  Appended,
  CheckedOverview,
  DamagedLine,
  ExecutionStore,
  NewCheck,
  NewRun,
  Page,
  PageRequest,
  Pruned,
  Repaired,
  Verified,
} from "../store.ts";
import type { AgentLog } from "./agent-log.ts";
import { AgentLogs, type AgentLogsOptions } from "./agent-logs.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { statusOf } from "./file-system.ts";
import { hasErrno, translateFsError } from "./fs-errors.ts";
import { type Place, scanBackwards } from "./scan.ts";
import { Stamps } from "./stamp.ts";

/** The runs of every agent, each in a log of its own. */
export class JsonlExecutions implements ExecutionStore {
  readonly #options: AgentLogsOptions;
  readonly #logs: AgentLogs;
  readonly #stamps: Stamps;
  /** Calls that have not been answered. */
  readonly #underWay = new Set<Promise<unknown>>();
  #closed = false;

  constructor(options: AgentLogsOptions) {
    this.#options = options;
    this.#logs = new AgentLogs(options);
    this.#stamps = new Stamps(options.fileSystem, options.layout);
  }

  append(agent: AgentName, run: NewRun): Promise<Appended> {
    return this.#guard("recording a run", () => this.#logs.get(agent).append(run));
  }

  verify(agent: AgentName, check: NewCheck): Promise<Verified> {
    const nothing = async () => {
      throw unknownRun(agent, check.execution_id);
    };
    return this.#readLog(agent, nothing, (log) => log.verify(check));
  }

  overview(agent: AgentName): Promise<CheckedOverview> {
    return this.#readLog(agent, emptyOverview, (log) => log.overview());
  }

  overviewOf(agent: AgentName, filter: ExecutionFilter): Promise<CheckedOverview> {
    return this.#readLog(agent, emptyOverview, (log) => log.overviewOf(filter));
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
    return this.#guard("listing the agents", async () => this.#logs.names());
  }

  stamp(agent?: AgentName): Promise<string> {
    return this.#guard("looking for changes", async () =>
      agent === undefined ? this.#stamps.ofAll() : this.#stamps.of(agent),
    );
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
      (log) => log.damage(),
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#underWay);
    await this.#logs.close();
    this.#options.locks.close();
  }

  /** Does something with a log that is there; an agent without one has no runs. */
  #readLog<T>(agent: AgentName, nothing: () => Promise<T>, use: (log: AgentLog) => Promise<T>): Promise<T> {
    return this.#guard(`reading the log of ${agent}`, async () => {
      if (!this.#options.layout.hasLog(agent)) return nothing();
      try {
        return await use(this.#logs.get(agent));
      } catch (error) {
        if (hasErrno(error, "ENOENT") && !this.#options.layout.hasLog(agent)) return nothing();
        throw error;
      }
    });
  }

  #guard<T>(doing: string, work: () => Promise<T>): Promise<T> {
    const call = this.#answer(doing, work);
    this.#underWay.add(call);
    const over = () => void this.#underWay.delete(call);
    call.then(over, over);
    return call;
  }

  async #answer<T>(doing: string, work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new KaizenError("CLOSED", "The store has been closed.");
    try {
      return await work();
    } catch (error) {
      throw translateFsError(error, doing);
    }
  }
}

async function emptyOverview(): Promise<CheckedOverview> {
  return { view: viewWhole(emptyHistory()), damagedLines: 0, verified: nothingVerified };
}
