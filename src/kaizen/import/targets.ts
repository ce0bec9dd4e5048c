import {
  type AgentName,
  agentNameSchema,
  existingAgentNameSchema,
  foldAgentName,
} from "../../domain/run/agent-name.ts";

/** An agent that may get what is imported, or why there is none. */
export type Target = { readonly agent: AgentName } | { readonly refusal: string };

/** Whose runs are whose: by the name that was asked for, the folder, or the record itself. */
export class ImportTargets {
  readonly #known: readonly AgentName[];
  readonly #targets = new Map<string, Target>();

  constructor(known: readonly AgentName[]) {
    this.#known = known;
  }

  of(name: string): Target {
    const found = this.#targets.get(name) ?? this.#find(name);
    this.#targets.set(name, found);
    return found;
  }

  #find(name: string): Target {
    const existing = existingAgentNameSchema.safeParse(name);
    if (existing.success && this.#known.includes(existing.data)) return { agent: existing.data };
    const valid = agentNameSchema.safeParse(name);
    if (!valid.success) {
      return { refusal: `${shown(name)}: ${valid.error.issues[0]?.message}; give another name with --agent` };
    }
    const taken = [...this.#known, ...this.#chosen()].find(
      (other) => other !== valid.data && foldAgentName(other) === foldAgentName(valid.data),
    );
    if (taken === undefined) return { agent: valid.data };
    return { refusal: `${shown(name)} differs only in case or spelling from ${shown(taken)}; import it with --agent` };
  }

  #chosen(): AgentName[] {
    return [...this.#targets.values()].flatMap((target) => ("agent" in target ? [target.agent] : []));
  }
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, 80));
}
