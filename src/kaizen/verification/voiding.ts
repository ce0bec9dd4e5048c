import type { AgentName } from "../../domain/run/agent-name.ts";
import { formatInstant } from "../../domain/run/time.ts";
import type { Standing, Verifier } from "../../domain/verification/verification.ts";
import { voidReasonSchema } from "../../domain/verification/void-reason.ts";
import { KaizenError } from "../../errors.ts";
import type { DryRunOption, VoidedRun, Voiding as VoidingStore } from "../../storage/store.ts";
import { isOfWholeStore } from "../base/among-latest.ts";
import type { KaizenOptions } from "../base/options.ts";
import { severalAgents, type Verifying } from "./verify.ts";

export interface VoidingOptions extends Pick<KaizenOptions, "now" | "store"> {
  readonly verifying: Pick<Verifying, "findRun">;
  /** The name of an agent in the form of the store. */
  readonly knownAgent: (agent: string) => Promise<AgentName>;
}

interface OfAgent {
  /** Whose run it is; needed only if runs of several agents say the same. */
  readonly agent?: string | undefined;
}

/** Why, by whom, and what that word is worth. */
export interface VoidRequest extends Standing, DryRunOption, OfAgent {
  readonly reason: string;
  readonly by: Verifier;
}

interface UndoRequest extends DryRunOption, OfAgent {
  readonly onlyUnproven?: boolean;
}

/** Taking a run back that should not have been reported, and putting it back. No tool that an agent has does either. */
export class Voiding {
  readonly #options: VoidingOptions;

  constructor(options: VoidingOptions) {
    this.#options = options;
  }

  /**
   * Voids a live run. Fails with `NOT_FOUND` if none has this id, or it is voided already, and with `INVALID_ARGUMENT` if
   * several have it, for they say the same.
   */
  async voidRun(id: string, { agent: whose, dryRun = false, reason, ...who }: VoidRequest): Promise<VoidedRun> {
    const voiding = this.#store();
    const agent = await this.#agentOf(id, whose);
    if (agent !== undefined) {
      const timestamp = formatInstant(this.#options.now());
      return voiding.voidRun(agent, { id, reason: voidReasonSchema.parse(reason), timestamp, ...who }, { dryRun });
    }
    const before = await this.voidedRun(id, whose);
    if (before === undefined) throw unknown(id, "run");
    throw new KaizenError("NOT_FOUND", `${id} was voided already, at ${before.timestamp}.`, {
      hint: `kaizen-metrics void ${id} --undo puts it back.`,
    });
  }

  /**
   * Puts a voided run back. Fails with `NOT_FOUND` if it is not voided, and with `KEY_CONFLICT` if its key was taken. With
   * `onlyUnproven`, what a person has voided stays so: an agent takes back no more than it can say.
   */
  async undo(id: string, { agent, dryRun = false, onlyUnproven = false }: UndoRequest = {}): Promise<VoidedRun> {
    const voiding = this.#store();
    const voided = await this.voidedRun(id, agent);
    if (voided !== undefined && onlyUnproven && voided.unproven !== true) {
      throw new KaizenError(
        "INVALID_ARGUMENT",
        `${id} was voided by a person: an agent's shell does not put it back.`,
        {
          hint: `A person types kaizen-metrics void ${id} --undo in a terminal of their own.`,
        },
      );
    }
    if (voided !== undefined) return voiding.undo(voided.agent, id, { dryRun });
    if ((await this.#agentOf(id, agent)) === undefined) throw unknown(id, "voided run");
    throw new KaizenError("NOT_FOUND", `${id} is not voided: it counts.`, {
      hint: "There is nothing to do.",
    });
  }

  /** The voided run of an id, of an agent or of any. Fails with `INVALID_ARGUMENT` if several agents have one. */
  async voidedRun(id: string, agent?: string): Promise<VoidedRun | undefined> {
    const found = (await this.voidedRuns(agent)).filter((run) => run.id === id);
    if (found.length > 1) throw severalAgents(id, found);
    return found[0];
  }

  async #agentOf(id: string, agent: string | undefined): Promise<AgentName | undefined> {
    const { knownAgent, verifying } = this.#options;
    return (await verifying.findRun(id, agent === undefined ? {} : { agent: await knownAgent(agent) }))?.agent;
  }

  /** The voided runs of an agent, or of every one that can be read, in the order in which each agent's were voided. */
  async voidedRuns(agent?: string): Promise<VoidedRun[]> {
    const { knownAgent, store } = this.#options;
    const { voiding } = store;
    if (voiding === undefined) return [];
    if (agent !== undefined) return [...(await voiding.voidedRuns(await knownAgent(agent)))];
    const found: VoidedRun[] = [];
    for (const { name } of await store.runs.listAgents()) {
      try {
        found.push(...(await voiding.voidedRuns(name)));
      } catch (error) {
        // What is wrong with one agent's files hides no run of another.
        if (isOfWholeStore(error)) throw error;
      }
    }
    return found;
  }

  #store(): VoidingStore {
    const { voiding } = this.#options.store;
    if (voiding !== undefined) return voiding;
    throw new KaizenError("NOT_SUPPORTED", "This store cannot take a run back.", {
      hint: "kaizen-metrics verify says what became of the run instead.",
    });
  }
}

function unknown(id: string, what: string): KaizenError {
  return new KaizenError("NOT_FOUND", `There is no ${what} ${JSON.stringify(id.slice(0, 80))}, or it has expired.`, {
    hint: "Take the id from the receipt of the run, or from kaizen-metrics runs.",
  });
}
