import { type AgentName, isSpelledLike } from "../../src/domain/run/agent-name.ts";
import { retentionCutoff } from "../../src/domain/run/retention.ts";
import {
  type DayOfRuns,
  isExpiredRun,
  type RunEvent,
  type RunRules,
  type SeenRun,
  unlessExpired,
} from "../../src/domain/run/runs-by-key.ts";
import { byCodePoint } from "../../src/domain/text/code-point-order.ts";
import { KaizenError } from "../../src/errors.ts";
import type { ListedAgent } from "../../src/storage/store.ts";
import type { MemoryAgentsOptions } from "./memory-runs.ts";

/** What was noted of runs, as long as the process lives. Every run is known, and everything is counted anew. */
export class MemoryRunEvents<E extends RunEvent, R extends SeenRun, V> {
  readonly #options: MemoryAgentsOptions;
  readonly #rules: Pick<RunRules<E, R, DayOfRuns>, "withEvent" | "isSame">;
  readonly #view: (live: ReadonlyMap<string, R>) => V;
  readonly #runs = new Map<AgentName, Map<string, R>>();
  readonly #changes = new Map<AgentName, number>();
  readonly #changedAt = new Map<AgentName, number>();
  #closed = false;

  constructor(
    options: MemoryAgentsOptions,
    rules: Pick<RunRules<E, R, DayOfRuns>, "withEvent" | "isSame">,
    view: (live: ReadonlyMap<string, R>) => V,
  ) {
    this.#options = options;
    this.#rules = rules;
    this.#view = view;
  }

  async note(agent: AgentName, event: E): Promise<R> {
    this.#assertOpen();
    this.#options.claim(agent);
    const known = unlessExpired(this.#runs.get(agent)?.get(event.key), this.#cutoff);
    const run = this.#rules.withEvent(known, event);
    if (isExpiredRun(run, this.#cutoff)) return run;
    const runs = this.#runs.get(agent) ?? new Map<string, R>();
    this.#runs.set(agent, runs);
    if (known === undefined) runs.delete(event.key);
    runs.set(event.key, run);
    if (!this.#rules.isSame(known, run)) {
      this.#changes.set(agent, (this.#changes.get(agent) ?? 0) + 1);
      this.#changedAt.set(agent, this.#options.now());
    }
    return run;
  }

  async overview(agent: AgentName): Promise<{ readonly seen: V; readonly unreadable: number } | undefined> {
    this.#assertOpen();
    const all = this.#runs.get(agent);
    if (all === undefined) return undefined;
    const live = new Map([...all].filter(([, run]) => !isExpiredRun(run, this.#cutoff)));
    return { seen: this.#view(live), unreadable: 0 };
  }

  async find(agent: AgentName, key: string): Promise<R | undefined> {
    this.#assertOpen();
    return unlessExpired(this.#runs.get(agent)?.get(key), this.#cutoff);
  }

  async listAgents({ like }: { readonly like?: string | undefined } = {}): Promise<ListedAgent[]> {
    this.#assertOpen();
    const names = [...this.#runs.keys()].filter((agent) => isSpelledLike(agent, like)).sort(byCodePoint);
    return names.map((name) => ({ name, lastChange: this.#changedAt.get(name) }));
  }

  async changeToken(agent?: AgentName): Promise<string> {
    this.#assertOpen();
    return JSON.stringify(agent === undefined ? [...this.#changes] : this.#changes.get(agent));
  }

  /** Takes out what was noted of the runs that are meant, by their keys. */
  takeOut(agent: AgentName, isMeant: (run: R, key: string) => boolean): ReadonlyMap<string, R> {
    const runs = this.#runs.get(agent) ?? new Map<string, R>();
    const taken = new Map([...runs].filter(([key, run]) => isMeant(run, key)));
    for (const key of taken.keys()) runs.delete(key);
    if (taken.size > 0) this.#changes.set(agent, (this.#changes.get(agent) ?? 0) + 1);
    return taken;
  }

  putBack(agent: AgentName, taken: ReadonlyMap<string, R>): void {
    for (const [key, run] of taken) this.#runs.get(agent)?.set(key, run);
    if (taken.size > 0) this.#changes.set(agent, (this.#changes.get(agent) ?? 0) + 1);
  }

  /** Gives everything to another agent, or to none. */
  give(from: AgentName, into: AgentName | undefined): void {
    const runs = this.#runs.get(from);
    if (runs === undefined) return;
    this.#runs.delete(from);
    if (into === undefined) return;
    this.#runs.set(into, new Map([...(this.#runs.get(into) ?? []), ...runs]));
    this.#changes.set(into, (this.#changes.get(into) ?? 0) + 1);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  get #cutoff(): number {
    return retentionCutoff(this.#options.retentionDays, this.#options.now());
  }

  #assertOpen(): void {
    if (this.#closed) throw new KaizenError("CLOSED", "The store has been closed.");
  }
}
