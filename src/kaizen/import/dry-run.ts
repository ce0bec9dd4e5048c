import { ContentCounts, type ContentHash, contentHash } from "../../adr004/content-counts.ts";
import { readRun } from "../../adr004/run-line.ts";
import type { AgentName } from "../../domain/run/agent-name.ts";
import { identitiesOf, idIdentity } from "../../domain/run/execution.ts";
import { KaizenError } from "../../errors.ts";
import type { Appended, AppendResult, NewRun, NewVerification, RunStore } from "../../storage/store.ts";
import type { ImportTarget, VerifyOutcome } from "./options.ts";

/**
 * Says what an import would do. Each call is a dry run of the store, which keeps nothing. What earlier calls would have
 * added is remembered here, by 64 bits of its hash, and of that the store knows nothing: so it decides.
 */
export class DryRun implements ImportTarget {
  readonly #runs: RunStore;
  readonly #added = new ContentCounts();

  constructor(runs: RunStore) {
    this.#runs = runs;
  }

  async append(agent: AgentName, runs: readonly NewRun[]): Promise<Appended> {
    const appended = await this.#runs.append(agent, runs, { dryRun: true });
    const results = runs.flatMap((run, index) => {
      const result = appended.results[index];
      return result === undefined ? [] : this.#afterEarlierRuns(agent, run, result);
    });
    return { ...appended, results };
  }

  async verify(agent: AgentName, verifications: readonly NewVerification[]): Promise<VerifyOutcome[]> {
    const results = await this.#runs.verify(agent, verifications, { fromElsewhere: true, dryRun: true });
    return verifications.map((verification, index) => {
      const {
        execution_id,
        evidence = null,
        origin,
        success,
        timestamp,
        unproven,
        verified_by,
        withdrawn,
      } = verification;
      const kind = results[index]?.kind ?? "refused";
      const isOfRunToCome = kind === "refused" && this.#added.count(identityOf(agent, idIdentity(execution_id))) > 0;
      if (kind !== "new" && !isOfRunToCome) return { kind };
      const standing = { unproven: unproven === true, withdrawn: withdrawn === true };
      const copy = origin?.earlierCopies ?? 0;
      const hash = contentHash({
        of: agent,
        execution_id,
        evidence,
        success,
        timestamp,
        verified_by,
        copy,
        ...standing,
      });
      return { kind: this.#added.add(hash) > 0 ? "present" : "new" };
    });
  }

  #afterEarlierRuns(agent: AgentName, run: NewRun, result: AppendResult): AppendResult {
    const execution = readRun(run.record);
    if (execution === undefined) return result;
    const identities = identitiesOf(execution);
    // Equal runs without one are told apart by how many come before them in their source.
    if (identities.length === 0) identities.push(`${run.origin?.earlierCopies} ${contentHash(run.record)}`);
    for (const identity of identities) {
      if (this.#added.count(identityOf(agent, identity)) === 0) continue;
      if (this.#added.count(identityOf(agent, identity, run)) > 0) return { kind: "duplicate", execution };
      const error = new KaizenError("KEY_CONFLICT", "Another run of this source has the same identity.");
      return { kind: "refused", error };
    }
    if (result.kind !== "new") return result;
    for (const identity of identities) {
      this.#added.add(identityOf(agent, identity));
      this.#added.add(identityOf(agent, identity, run));
    }
    return result;
  }
}

/** What a run is known by; with the run also what it says. */
function identityOf(agent: AgentName, identity: string, run?: NewRun): ContentHash {
  return contentHash({ of: agent, identity, ...(run === undefined ? {} : { said: run.reported }) });
}
