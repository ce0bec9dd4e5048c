import type { AgentName } from "../../domain/run/agent-name.ts";
import { type DayOfRuns, noRuns, type RunEvent, type SeenRun } from "../../domain/run/runs-by-key.ts";
import { InFlightCalls } from "../shared/in-flight.ts";
import type { LruCache } from "../shared/lru-cache.ts";
import type { RunEventKind } from "../shared/run-events/run-event-kind.ts";
import type { ListedAgent } from "../store.ts";
import { listed } from "./agent-folders.ts";
import { type JsonlAgentsOptions, perAgent } from "./agent-stores-options.ts";
import { ChangeTokens } from "./files/change-token.ts";
import { isUnsafePath, translateFsError } from "./files/fs-errors.ts";
import { RunEventLog, type RunEventOverview } from "./run-events/run-event-log.ts";

/** The events of one kind of every agent's runs, each agent's in a file of its own beside the log. */
export class JsonlRunEvents<E extends RunEvent, R extends SeenRun, D extends DayOfRuns, V> {
  readonly #kind: RunEventKind<E, R, D, V>;
  readonly #options: JsonlAgentsOptions;
  readonly #logs: LruCache<RunEventLog<E, R, D, V>>;
  readonly #tokens: ChangeTokens;
  readonly #calls = new InFlightCalls(translateFsError);

  constructor(kind: RunEventKind<E, R, D, V>, options: JsonlAgentsOptions) {
    this.#kind = kind;
    this.#options = options;
    this.#logs = perAgent(options, (context) => new RunEventLog(kind, context));
    this.#tokens = new ChangeTokens(options.fileSystem, options.layout, kind.journal);
  }

  note(agent: AgentName, event: E): Promise<R> {
    return this.#calls.answer(this.#kind.doing.noting, () => this.#logs.get(agent).note(event));
  }

  overview(agent: AgentName): Promise<RunEventOverview<V> | undefined> {
    return this.#ifThere(agent, undefined, (log) => log.overview()).catch((error: unknown) => {
      // A caller that asks for one run, or notes one, gets this error. A reader of figures gets them without it.
      if (isUnsafePath(error)) return { seen: this.#kind.view(noRuns(), 0), unreadable: 1 };
      throw error;
    });
  }

  find(agent: AgentName, key: string): Promise<R | undefined> {
    return this.#ifThere(agent, undefined, (log) => log.find(key));
  }

  async listAgents({ like }: { readonly like?: string | undefined } = {}): Promise<ListedAgent[]> {
    const { folders } = this.#options;
    return this.#calls.answer("listing the agents", async () => listed(folders.survey(this.#kind.journal, like)));
  }

  changeToken(agent?: AgentName): Promise<string> {
    return this.#calls.answer("looking for changes", async () => this.#tokens.of(agent));
  }

  async close(): Promise<void> {
    await this.#calls.close();
    await this.#logs.close();
  }

  /** Does something with a file that is there; of an agent without one nothing was noted. */
  #ifThere<T>(agent: AgentName, nothing: T, use: (log: RunEventLog<E, R, D, V>) => Promise<T>): Promise<T> {
    const { doing, journal } = this.#kind;
    return this.#calls.answer(`${doing.reading} ${agent}`, async () =>
      this.#options.layout.hasJournal(agent, journal) ? use(this.#logs.get(agent)) : nothing,
    );
  }
}
