import {
  type CommitContents,
  type MatchedBy,
  matchCommit,
  type NotDecided,
} from "../../domain/evidence/commit-match.ts";
import type { RunEvidence } from "../../domain/evidence/evidence.ts";
import type { AgentName } from "../../domain/run/agent-name.ts";
import { formatInstant } from "../../domain/run/time.ts";
import { foldVerifications, type Standing } from "../../domain/verification/verification.ts";
import { amongLatest } from "../base/among-latest.ts";
import type { KaizenOptions } from "../base/options.ts";
import type { ObservedByHooks } from "../figures/coverage.ts";
import { idOfOutcome, type KnownOutcome, type Marks } from "../runs/record.ts";
import { standingIn } from "./standing.ts";

/** A run of which evidence is kept, and which a commit may decide. */
export interface Candidate extends RunEvidence {
  readonly agent: AgentName;
  /** The client's own id of it, and its idempotency key. */
  readonly key: string;
  /** Its id among the runs on record, and its claim; `undefined` if it was not reported. */
  readonly reported: { readonly id: string; readonly claim: boolean } | undefined;
  /** What CI has said of it last; `undefined` if nothing. */
  readonly said: { readonly success: boolean; readonly evidence: string | undefined } | undefined;
}

/** What became of a commit, and by whose word. */
export interface CommitVerdict {
  readonly success: boolean;
  /** Where a person can look it up, in words of this program or a bounded address. */
  readonly evidence?: string | undefined;
  readonly standing: Standing;
}

export interface DecidedRun {
  readonly agent: AgentName;
  readonly key: string;
  readonly id: string;
  readonly by: MatchedBy;
  /** What the run says of itself; `undefined` if it was not reported, and is recorded by this. */
  readonly claim: boolean | undefined;
  /** What CI had said of this commit before, if that was something else. */
  readonly before?: boolean;
}

/** Why a run that a commit decides got no verification. */
type NotKept =
  /** It was not reported, and a word that proves nothing makes no run of it. */
  | "unproven"
  /** It was reported in a way that does not say its id, so that no verification can name it. */
  | "unnamed";

export interface DecidedCommit {
  readonly decided: readonly DecidedRun[];
  readonly left: readonly {
    readonly agent: AgentName;
    readonly key: string;
    readonly by: MatchedBy;
    readonly why: NotDecided | NotKept;
  }[];
  /** Of which the same was said before: nothing more is kept of them. */
  readonly already: readonly DecidedRun[];
  /** What the words were worth. */
  readonly standing: Standing;
  /** Among how many undecided runs it was looked for. */
  readonly candidates: number;
}

export interface VerdictsOptions extends KaizenOptions {
  readonly seen: ObservedByHooks;
}

/** What CI says of commits, and a check of trees, brought to the runs that made them. */
export class Verdicts {
  readonly #options: VerdictsOptions;

  constructor(options: VerdictsOptions) {
    this.#options = options;
  }

  /** The id of a run whose outcome is known without its report; see the function. */
  idOf(agent: AgentName, known: KnownOutcome, by: NonNullable<Marks["recorded_by"]>): Promise<string | undefined> {
    return idOfOutcome(this.#options, this.#options.seen, agent, known, by);
  }

  /**
   * The runs that a commit could still decide, among the last 1,000 of each of the latest agents; `all` gives also those of
   * which CI has said something.
   */
  async candidates(which: "undecided" | "all" = "undecided"): Promise<Candidate[]> {
    const { evidence } = this.#options.store;
    const found: Candidate[] = [];
    const candidatesOf = (agent: AgentName) => this.#candidatesOf(agent);
    for await (const { found: some } of amongLatest(await evidence.listAgents(), candidatesOf)) found.push(...some);
    return which === "all" ? found : found.filter(({ said }) => said === undefined);
  }

  async #candidatesOf(agent: AgentName): Promise<Candidate[]> {
    const { evidence, runs } = this.#options.store;
    const recent = (await evidence.overview(agent))?.seen.recent ?? new Map<string, RunEvidence>();
    const ofGit = [...recent].filter(([, { facts }]) => facts.tree !== undefined || (facts.commits?.length ?? 0) > 0);
    const onRecord = await runs.lookUp(
      agent,
      ofGit.map(([key]) => key),
    );
    return ofGit.flatMap(([key, run]): Candidate[] => {
      const found = onRecord.get(key);
      const [outcome] = foldVerifications(found?.verifications ?? []).values();
      const isSaid = outcome?.verifications.ci !== undefined;
      if (!isSaid && run.facts.decided === true) return [];
      const last = isSaid
        ? found?.verifications.findLast((one) => one.verified_by === "ci" && one.unproven !== true)
        : undefined;
      const said = last && { success: last.success, evidence: last.evidence };
      const reported = found && { id: found.execution.id, claim: found.execution.success };
      return [{ ...run, agent, key, reported, said }];
    });
  }

  /**
   * Verifies the runs that a commit decides, and says which those are. CI may judge a commit again, as after a test that
   * fails now and then: of the runs that it decided before, its last word counts. What it said of another commit stands.
   */
  async decide(commit: CommitContents, verdict: CommitVerdict, among?: readonly Candidate[]): Promise<DecidedCommit> {
    const candidates = among ?? (await this.candidates());
    const undecided = candidates.filter(({ said }) => said === undefined);
    const { decided: first, left } = matchCommit(undecided, commit, verdict.success);
    const again = judgedBefore(candidates, commit, verdict);
    const decided = [...first, ...again.filter(({ run }) => run.said?.success !== verdict.success)];
    const standing =
      decided.length === 0 ? verdict.standing : await standingIn(this.#options.store, "ci", verdict.standing);
    const kept: DecidedRun[] = [];
    const already = again.flatMap(({ by, run: { agent, key, reported, said } }): DecidedRun[] =>
      said?.success !== verdict.success || reported === undefined
        ? []
        : [{ agent, key, id: reported.id, by, claim: reported.claim }],
    );
    const others: { readonly run: Candidate; readonly by: MatchedBy; readonly why: NotDecided | NotKept }[] = [...left];
    for (const { by, run } of decided) {
      const id = await this.#keep(run, by, { ...verdict, standing });
      const before = run.said === undefined ? {} : { before: run.said.success };
      if (id !== undefined)
        kept.push({ agent: run.agent, key: run.key, id, by, claim: run.reported?.claim, ...before });
      else others.push({ run, by, why: standing.unproven === true ? "unproven" : "unnamed" });
    }
    return {
      decided: kept,
      already,
      left: others.map(({ by, run: { agent, key }, why }) => ({ agent, key, by, why })),
      standing,
      candidates: undecided.length,
    };
  }

  async #keep(
    { agent, facts, key, reported }: Candidate,
    matched: MatchedBy,
    { evidence, standing, success }: CommitVerdict,
  ): Promise<string | undefined> {
    const { now, store } = this.#options;
    // A word that proves nothing makes no run of one that was not reported.
    if (reported === undefined && standing.unproven === true) return undefined;
    const id = reported?.id ?? (await this.idOf(agent, { key, success }, "ci"));
    if (id === undefined) return undefined;
    const [result] = await store.runs.verify(agent, [
      {
        execution_id: id,
        success,
        verified_by: "ci",
        matched,
        timestamp: formatInstant(now()),
        ...standing,
        ...(evidence === undefined ? {} : { evidence }),
      },
    ]);
    if (result?.kind === "refused") throw result.error;
    if (reported === undefined && facts.execution_id === id && standing.unproven !== true) {
      await store.evidence.note(agent, { key, decided: true, timestamp: formatInstant(now()) });
    }
    return id;
  }
}

/** The runs of which CI has spoken for the sake of this commit: they left its tree, or its word named the same evidence. */
function judgedBefore(candidates: readonly Candidate[], commit: CommitContents, { evidence, success }: CommitVerdict) {
  const judged = candidates.filter(({ said }) => said !== undefined);
  return matchCommit(judged, commit, success).decided.filter(
    ({ by, run }) => by === "tree" || (evidence !== undefined && run.said?.evidence === evidence),
  );
}
