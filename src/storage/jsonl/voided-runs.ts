import type { AgentName } from "../../domain/run/agent-name.ts";
import { notVoided, unknownRun } from "../refusals.ts";
import { InFlightCalls } from "../shared/in-flight.ts";
import type { LruCache } from "../shared/lru-cache.ts";
import type { DryRunOption, NewVoiding, VoidedRun, Voiding } from "../store.ts";
import { type JsonlAgentsOptions, perAgent } from "./agent-stores-options.ts";
import { translateFsError } from "./files/fs-errors.ts";
import { VoidedLog } from "./voiding/voided-log.ts";

/** The voided runs of every agent, each agent's in a file of its own beside the log. */
export class JsonlVoiding implements Voiding {
  readonly #options: JsonlAgentsOptions;
  readonly #logs: LruCache<VoidedLog>;
  readonly #calls = new InFlightCalls(translateFsError);

  constructor(options: JsonlAgentsOptions) {
    this.#options = options;
    this.#logs = perAgent(options, (context) => new VoidedLog(context));
  }

  voidRun(agent: AgentName, voiding: NewVoiding, options: DryRunOption = {}): Promise<VoidedRun> {
    return this.#calls.answer(`voiding a run of ${agent}`, async () => {
      if (!this.#options.layout.hasLog(agent)) throw unknownRun(agent, voiding.id);
      return this.#logs.get(agent).voidRun(voiding, options);
    });
  }

  undo(agent: AgentName, id: string, options: DryRunOption = {}): Promise<VoidedRun> {
    return this.#calls.answer(`putting back a run of ${agent}`, async () => {
      if (!this.#options.layout.hasJournal(agent, "voided")) throw notVoided(agent, id);
      return this.#logs.get(agent).undo(id, options);
    });
  }

  voidedRuns(agent: AgentName): Promise<readonly VoidedRun[]> {
    return this.#calls.answer(`reading the voided runs of ${agent}`, async () =>
      this.#options.layout.hasJournal(agent, "voided") ? this.#logs.get(agent).list() : [],
    );
  }

  prune(agent: AgentName): Promise<void> {
    return this.#calls.answer(`pruning the voided runs of ${agent}`, async () => {
      if (this.#options.layout.hasJournal(agent, "voided")) await this.#logs.get(agent).prune();
    });
  }

  async close(): Promise<void> {
    await this.#calls.close();
    await this.#logs.close();
  }
}
