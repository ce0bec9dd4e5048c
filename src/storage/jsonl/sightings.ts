import type { NewSighting, SeenRun } from "../../domain/coverage/lifecycle-event.ts";
import { emptySightingHistory, viewSeenRuns } from "../../domain/coverage/observed-runs.ts";
import type { AgentName } from "../../domain/run/agent-name.ts";
import { retentionCutoff } from "../../domain/run/retention.ts";
import type { SightingOverview, SightingStore } from "../store.ts";
import type { Seen } from "./agent-folders.ts";
import type { JsonlAgentsOptions } from "./agent-stores-options.ts";
import { Stamps } from "./files/change-token.ts";
import { isUnsafePath } from "./files/fs-errors.ts";
import { Calls } from "./in-flight.ts";
import { SightingLog } from "./lifecycle/lifecycle-log.ts";
import { KeptInMind } from "./lru-cache.ts";

const nothingSeen = viewSeenRuns(emptySightingHistory(), 0);

/** What hooks saw of the runs of every agent, each in a file of its own beside the log. */
export class JsonlSightings implements SightingStore {
  readonly #options: JsonlAgentsOptions;
  readonly #logs: KeptInMind<SightingLog>;
  readonly #stamps: Stamps;
  readonly #calls = new Calls();

  constructor(options: JsonlAgentsOptions) {
    this.#options = options;
    this.#logs = new KeptInMind(
      (agent, folder) => this.#open(agent, folder),
      (agent) => options.layout.agentFolder(agent),
    );
    this.#stamps = new Stamps(options.fileSystem, options.layout, (files) => [files.lifecycle]);
  }

  see(agent: AgentName, sighting: NewSighting): Promise<SeenRun> {
    return this.#calls.answer("noting what a hook saw", () => this.#logs.get(agent).see(sighting));
  }

  overview(agent: AgentName): Promise<SightingOverview | undefined> {
    return this.#ifThere(agent, undefined, (log) => log.overview()).catch((error: unknown) => {
      // Refused to whoever asks for one run, or sees one; it keeps the agent's figures from nobody.
      if (isUnsafePath(error)) return { seen: nothingSeen, damagedLines: 1 };
      throw error;
    });
  }

  find(agent: AgentName, key: string): Promise<SeenRun | undefined> {
    return this.#ifThere(agent, undefined, (log) => log.find(key));
  }

  async listAgents(like?: string): Promise<AgentName[]> {
    return [...(await this.#survey(like)).keys()];
  }

  async lastChanges(): Promise<ReadonlyMap<AgentName, number | undefined>> {
    const found = await this.#survey();
    return new Map([...found].map(([agent, seen]) => [agent, typeof seen === "number" ? seen : undefined]));
  }

  async #survey(like?: string): Promise<Map<AgentName, Seen>> {
    const { folders } = this.#options;
    const found = await this.#calls.answer("listing the agents", async () => folders.survey("lifecycle", like));
    return new Map([...found].filter(([, seen]) => seen !== "unsafe"));
  }

  stamp(agent?: AgentName): Promise<string> {
    return this.#calls.answer("looking for changes", async () =>
      agent === undefined ? this.#stamps.ofAll() : this.#stamps.of(agent),
    );
  }

  async close(): Promise<void> {
    await this.#calls.close();
    await this.#logs.close();
  }

  /** Does something with a file that is there; of an agent without one nothing was seen. */
  #ifThere<T>(agent: AgentName, nothing: T, use: (log: SightingLog) => Promise<T>): Promise<T> {
    return this.#calls.answer(`reading what hooks saw of ${agent}`, async () =>
      this.#options.layout.hasLifecycle(agent) ? use(this.#logs.get(agent)) : nothing,
    );
  }

  #open(agent: AgentName, folder: string): SightingLog {
    const { folders, layout, now, retentionDays } = this.#options;
    return new SightingLog({
      ...this.#options,
      agent,
      files: layout.filesIn(folder),
      cutoff: () => retentionCutoff(retentionDays, now()),
      prepareFolder: () => folders.prepare(agent),
    });
  }
}
