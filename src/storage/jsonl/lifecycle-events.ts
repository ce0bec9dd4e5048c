import type { NewLifecycleEvent, ObservedRun } from "../../domain/coverage/lifecycle-event.ts";
import { emptyLifecycleHistory, viewObservedRuns } from "../../domain/coverage/observed-runs.ts";
import type { AgentName } from "../../domain/run/agent-name.ts";
import type { LifecycleOverview, LifecycleStore, ListedAgent } from "../store.ts";
import { listed } from "./agent-folders.ts";
import { type JsonlAgentsOptions, perAgent } from "./agent-stores-options.ts";
import { ChangeTokens } from "./files/change-token.ts";
import { isUnsafePath } from "./files/fs-errors.ts";
import { InFlightCalls } from "./in-flight.ts";
import { LifecycleLog } from "./lifecycle/lifecycle-log.ts";
import type { LruCache } from "./lru-cache.ts";

const nothingObserved = viewObservedRuns(emptyLifecycleHistory(), 0);

/** What hooks saw of the runs of every agent, each in a file of its own beside the log. */
export class JsonlLifecycle implements LifecycleStore {
  readonly #options: JsonlAgentsOptions;
  readonly #logs: LruCache<LifecycleLog>;
  readonly #tokens: ChangeTokens;
  readonly #calls = new InFlightCalls();

  constructor(options: JsonlAgentsOptions) {
    this.#options = options;
    this.#logs = perAgent(options, (context) => new LifecycleLog(context));
    this.#tokens = new ChangeTokens(options.fileSystem, options.layout, "lifecycle");
  }

  observe(agent: AgentName, event: NewLifecycleEvent): Promise<ObservedRun> {
    return this.#calls.answer("noting what a hook saw", () => this.#logs.get(agent).observe(event));
  }

  overview(agent: AgentName): Promise<LifecycleOverview | undefined> {
    return this.#ifThere(agent, undefined, (log) => log.overview()).catch((error: unknown) => {
      // A caller that asks for one run, or notes one, gets this error. A reader of figures gets them without it.
      if (isUnsafePath(error)) return { seen: nothingObserved, unreadable: 1 };
      throw error;
    });
  }

  find(agent: AgentName, key: string): Promise<ObservedRun | undefined> {
    return this.#ifThere(agent, undefined, (log) => log.find(key));
  }

  async listAgents({ like }: { readonly like?: string | undefined } = {}): Promise<ListedAgent[]> {
    const { folders } = this.#options;
    return this.#calls.answer("listing the agents", async () => listed(folders.survey("lifecycle", like)));
  }

  changeToken(agent?: AgentName): Promise<string> {
    return this.#calls.answer("looking for changes", async () => this.#tokens.of(agent));
  }

  async close(): Promise<void> {
    await this.#calls.close();
    await this.#logs.close();
  }

  /** Does something with a file that is there; of an agent without one nothing was seen. */
  #ifThere<T>(agent: AgentName, nothing: T, use: (log: LifecycleLog) => Promise<T>): Promise<T> {
    return this.#calls.answer(`reading what hooks saw of ${agent}`, async () =>
      this.#options.layout.hasLifecycle(agent) ? use(this.#logs.get(agent)) : nothing,
    );
  }
}
