import { type AgentName, parseAgentName, twinForm } from "../../domain/run/agent-name.ts";
import { KaizenError } from "../../errors.ts";
import { isOfWholeStore } from "../base/among-latest.ts";

/** So many reports that were asked about are remembered. */
const REMEMBERED = 100;

/** A report for a new agent whose name is nearly that of another is asked about, before a typo makes a second agent. */
export class NearTwins {
  readonly #names: (like?: string) => Promise<readonly AgentName[]>;
  /** Reports that were asked about. */
  readonly #asked = new Set<string>();

  constructor(names: (like?: string) => Promise<readonly AgentName[]>) {
    this.#names = names;
  }

  /** Fails with `INVALID_ARGUMENT` for a new agent that has a near twin. */
  async expectNone(agent: string, hint: string): Promise<void> {
    const twin = await this.#twinOf(parseAgentName(agent));
    if (twin === undefined) return;
    const [name, other] = [agent, twin].map((text) => JSON.stringify(text));
    throw new KaizenError("INVALID_ARGUMENT", `agent ${name} is new, and nearly ${other}; did you mean ${other}?`, {
      hint,
    });
  }

  /** Fails likewise, but for a report that was asked about before: who sends it again means it. */
  async expectNoneOrInsisted(report: { readonly agent: string }, hint: string): Promise<void> {
    const text = JSON.stringify(report);
    if (this.#asked.has(text)) return;
    try {
      await this.expectNone(report.agent, hint);
    } catch (error) {
      this.#remember(text);
      throw error;
    }
  }

  async #twinOf(agent: AgentName): Promise<AgentName | undefined> {
    const form = twinForm(agent);
    try {
      // An agent that is there is never asked about; one that differs in case only is refused by the store.
      if (form === "" || (await this.#names(agent)).length > 0) return undefined;
      return (await this.#names()).find((other) => twinForm(other) === form);
    } catch (error) {
      // The store says what is wrong with it as soon as it records.
      if (error instanceof KaizenError && !isOfWholeStore(error)) return undefined;
      throw error;
    }
  }

  #remember(text: string): void {
    this.#asked.add(text);
    const [first] = this.#asked;
    if (this.#asked.size > REMEMBERED && first !== undefined) this.#asked.delete(first);
  }
}
