import type { AgentName } from "../../domain/run/agent-name.ts";
import { type Execution, isContentId, isOwnId } from "../../domain/run/execution.ts";
import type { ExecutionFilter } from "../../domain/run/filter.ts";
import { formatInstant } from "../../domain/run/time.ts";
import {
  decisiveVerifier,
  foldVerifications,
  type ReportedVerification,
  type Standing,
  standingWords,
  type Verification,
} from "../../domain/verification/verification.ts";
import { type VerificationReceipt, verificationReceipt } from "../../domain/verification/verified-view.ts";
import { KaizenError } from "../../errors.ts";
import type { CalledRun, ListedAgent, NewVerification, Page } from "../../storage/store.ts";
import { isOfWholeStore } from "../base/among-latest.ts";
import type { KaizenOptions } from "../base/options.ts";
import { standingIn } from "./standing.ts";

/** A run that no verification which counts has decided. */
export interface UndecidedRun {
  readonly agent: AgentName;
  readonly execution: Execution;
  readonly id: string;
}

/** What a verifier says of a run at the moment. */
export interface StandingWord {
  readonly agent: AgentName;
  readonly verification: Verification;
}

/** A live run, and whose it is. */
export interface RunOfAgent extends CalledRun {
  readonly agent: AgentName;
}

export interface WhichRuns {
  /** Only this agent's. */
  readonly agent?: AgentName | undefined;
  readonly filter?: ExecutionFilter;
  /** At most so many agents: those whose files changed last. */
  readonly agents?: number;
}

/** A person who asks for the last run waits: so many agents are looked at, and so many runs of each, the latest first. */
const SEARCHED_AGENTS = 200;
const SEARCHED_RUNS = 200;

/** What is said of runs: keeping it, taking it back, and finding the runs that nothing was said of. */
export class Verifying {
  readonly #options: Pick<KaizenOptions, "now" | "store">;

  constructor(options: Pick<KaizenOptions, "now" | "store">) {
    this.#options = options;
  }

  /** Keeps what an independent verification of a run found. `agent` is the name of the report in the form of the store. */
  async verify(agent: AgentName, report: ReportedVerification, standing: Standing): Promise<VerificationReceipt> {
    const { agent: _, ...verification } = report;
    const worth = await standingIn(this.#options.store, report.verified_by, standing);
    return this.#keep(agent, { ...verification, ...worth });
  }

  /** Takes back what a verifier says of a run. `via` is the door by which it is taken back. */
  withdraw({ agent, verification }: StandingWord, via: Verification["via"]): Promise<VerificationReceipt> {
    const { execution_id, success, unproven, verified_by } = verification;
    const standing = unproven ? { via, unproven } : { via };
    return this.#keep(agent, { execution_id, success, verified_by, ...standing, withdrawn: true });
  }

  async #keep(agent: AgentName, word: Omit<NewVerification, "timestamp">): Promise<VerificationReceipt> {
    const { now, store } = this.#options;
    const [result] = await store.runs.verify(agent, [{ ...word, timestamp: formatInstant(now()) }]);
    if (result === undefined) throw new Error("a store answers for each verification");
    if (result.kind === "refused") throw result.error;
    const { verified } = await store.runs.overview(agent);
    return verificationReceipt({ ...word, agent }, result.run, verified);
  }

  /** The newest undecided runs, `limit` at most. Only the latest runs of the latest agents are looked at. */
  async undecided(limit: number, which: WhichRuns = {}): Promise<UndecidedRun[]> {
    let found: UndecidedRun[] = [];
    for await (const { agent, changed, page } of this.#latestPages(which)) {
      const oldest = found.length < limit ? undefined : found.at(-1);
      // What was recorded before an agent's files last changed is no newer than that.
      if (oldest !== undefined && changed < timeOf(oldest)) break;
      const ids = page.executions.map(({ id }) => id);
      const runs = page.executions.flatMap((execution): UndecidedRun[] => {
        const { id } = execution;
        // Of several that say exactly the same none can be decided.
        const isOneOfSeveral = isContentId(id) && ids.indexOf(id) !== ids.lastIndexOf(id);
        return isOneOfSeveral || isDecided(page.verifications.get(id)) ? [] : [{ agent, execution, id }];
      });
      found = [...found, ...runs].sort((a, b) => timeOf(b) - timeOf(a)).slice(0, limit);
    }
    return found;
  }

  /** The latest word that stands and passes, among those of the latest runs of the latest agents. */
  async lastWord(passes: (word: Verification) => boolean, which: WhichRuns = {}): Promise<StandingWord | undefined> {
    let last: { readonly word: StandingWord; readonly at: number } | undefined;
    for await (const { agent, changed, page } of this.#latestPages(which)) {
      if (last !== undefined && changed < last.at) break;
      for (const verification of [...page.verifications.values()].flatMap(standingWords).filter(passes)) {
        const at = Date.parse(verification.timestamp);
        if (last === undefined || at > last.at) last = { word: { agent, verification }, at };
      }
    }
    return last?.word;
  }

  /** The last word that stands of one live run, and passes. */
  async lastWordOf(
    agent: AgentName,
    id: string,
    passes: (word: Verification) => boolean,
  ): Promise<StandingWord | undefined> {
    const run = await this.#options.store.runs.find(agent, id);
    const verification = standingWords(run?.verifications ?? []).findLast(passes);
    return verification === undefined ? undefined : { agent, verification };
  }

  /** The live run of an id, among those of the latest agents. Fails with `INVALID_ARGUMENT` if several agents have one. */
  async findRun(id: string, which: Pick<WhichRuns, "agent"> = {}): Promise<RunOfAgent | undefined> {
    const found = await this.runsOf(id, which);
    if (found.length > 1) throw severalAgents(id, found);
    return found[0];
  }

  /** The live runs of an id, among those of the latest agents: what runs of two agents say may be the same. */
  async runsOf(id: string, which: Pick<WhichRuns, "agent"> = {}): Promise<RunOfAgent[]> {
    const found: RunOfAgent[] = [];
    let failure: unknown;
    for (const { name: agent } of await this.#latestAgents(which)) {
      try {
        const run = await this.#options.store.runs.find(agent, id);
        if (run !== undefined) found.push({ agent, ...run });
      } catch (error) {
        // What is wrong with one agent's files hides no run of another.
        if (isOfWholeStore(error)) throw error;
        failure ??= error;
      }
      if (found.length > 0 && isOwnId(id)) break;
    }
    if (found.length === 0 && failure !== undefined) throw failure;
    return found;
  }

  async *#latestPages(which: WhichRuns): AsyncGenerator<{ agent: AgentName; changed: number; page: Page }> {
    const { filter = {} } = which;
    for (const { lastChange, name: agent } of await this.#latestAgents(which)) {
      try {
        const page = await this.#options.store.runs.page(agent, { filter, limit: SEARCHED_RUNS });
        yield { agent, changed: lastChange ?? Number.POSITIVE_INFINITY, page };
      } catch (error) {
        // What is wrong with one agent's files hides no run of another.
        if (isOfWholeStore(error) || which.agent !== undefined) throw error;
      }
    }
  }

  async #latestAgents({ agent, agents = SEARCHED_AGENTS }: WhichRuns): Promise<readonly ListedAgent[]> {
    const listed = await this.#options.store.runs.listAgents();
    if (agent !== undefined) return listed.filter(({ name }) => name === agent);
    return [...listed].sort(({ lastChange: a = 0 }, { lastChange: b = 0 }) => b - a).slice(0, agents);
  }
}

/** Refuses an id that runs of several agents have. */
export function severalAgents(id: string, runs: readonly { readonly agent: AgentName }[]): KaizenError {
  const agents = runs.map(({ agent }) => agent).join(", ");
  return new KaizenError("INVALID_ARGUMENT", `Several agents have a run ${id}, which says the same: ${agents}.`, {
    hint: "Say whose is meant: kaizen-metrics verify AGENT RUN, show RUN --agent AGENT, void RUN --agent AGENT.",
  });
}

function isDecided(verifications: readonly Verification[] | undefined): boolean {
  const [said] = foldVerifications(verifications ?? []).values();
  return said !== undefined && decisiveVerifier(said) !== undefined;
}

function timeOf({ execution }: UndecidedRun): number {
  return execution.at ?? Number.NEGATIVE_INFINITY;
}
