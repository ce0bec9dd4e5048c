import { ContentCounts, contentHash } from "../../adr004/content-counts.ts";
import { decodeVerification, isSpelledAs, sideLineText } from "../../adr004/read-lines.ts";
import type { AgentName } from "../../domain/run/agent-name.ts";
import { AHEAD, isAhead } from "../../domain/run/report.ts";
import { hasExpired, retentionCutoff } from "../../domain/run/retention.ts";
import { readInstant } from "../../domain/run/time.ts";
import type { NewVerification } from "../../storage/store.ts";
import type { HistoryOptions, ImportRequest, Place } from "./options.ts";
import type { ImportTally } from "./report.ts";
import type { RunImport } from "./runs.ts";
import type { ImportTargets } from "./targets.ts";

/** So many verifications are taken in together. */
const VERIFICATIONS_AT_ONCE = 512;

interface PendingVerification extends Place {
  readonly verification: NewVerification;
}

/** Takes in verifications of runs that are here, or came with them, and counts what became of each. */
export class VerificationImport {
  readonly #options: HistoryOptions;
  readonly #request: Pick<ImportRequest, "agent" | "isUnproven" | "isMove">;
  readonly #targets: ImportTargets;
  readonly #runs: RunImport;
  readonly #tally: ImportTally;
  readonly #pending = new Map<AgentName, PendingVerification[]>();
  #copies = new ContentCounts();

  constructor(
    options: HistoryOptions,
    request: Pick<ImportRequest, "agent" | "isUnproven" | "isMove">,
    parts: { readonly targets: ImportTargets; readonly runs: RunImport; readonly tally: ImportTally },
  ) {
    this.#options = options;
    this.#request = request;
    this.#targets = parts.targets;
    this.#runs = parts.runs;
    this.#tally = parts.tally;
  }

  /** `agent`: in whose folder the line stands. */
  async add(bytes: Buffer, place: Place, agent: string | undefined): Promise<void> {
    const decoded = decodeVerification(bytes);
    if (decoded === "blank") return;
    if (decoded === undefined) {
      this.#tally.note({ kind: "damaged", ...place, reason: "it is not a verification" });
      return;
    }
    const { agent: named, claimed: _, earlier: __, earlier_unproven: ___, executed_at, ...found } = decoded;
    // A file can say anything of who found it, and an agent can write one.
    const verification: NewVerification = this.#request.isUnproven ? { ...found, via: "cli", unproven: true } : found;
    const { now, retentionDays } = this.#options;
    if (hasExpired(readInstant(executed_at), retentionCutoff(retentionDays, now()))) {
      this.#tally.verifications.expired += 1;
      return;
    }
    if (isAhead(readInstant(verification.timestamp), now())) {
      this.#tally.refuse("verifications", place, `its timestamp ${AHEAD}`);
      return;
    }
    const target = this.#targets.of(this.#request.agent ?? agent ?? named);
    if ("refusal" in target) {
      this.#tally.refuse("verifications", place, target.refusal);
      return;
    }
    const text = sideLineText(bytes);
    const isAsWritten = this.#request.isMove === true && this.#request.isUnproven !== true;
    const origin = isAsWritten
      ? { origin: { text, earlierCopies: this.#copies.add(contentHash({ line: text })) } }
      : undefined;
    if (!isSpelledAs(bytes, text)) this.#tally.rewritten += 1;
    const pending = this.#pending.get(target.agent) ?? [];
    this.#pending.set(target.agent, pending);
    pending.push({ verification: { ...verification, ...origin }, ...place });
    if (pending.length >= VERIFICATIONS_AT_ONCE) await this.#flush(target.agent);
  }

  /** The next file is another: equal lines in it are copies of nothing. */
  async endSource(): Promise<void> {
    for (const agent of this.#pending.keys()) await this.#flush(agent);
    this.#copies = new ContentCounts();
  }

  async #flush(agent: AgentName): Promise<void> {
    const pending = this.#pending.get(agent) ?? [];
    this.#pending.delete(agent);
    if (pending.length === 0) return;
    await this.#runs.flush();
    const verifications = pending.map(({ verification }) => verification);
    const results = await this.#options.target.verify(agent, verifications, { fromElsewhere: true });
    for (const [index, { verification, file, line }] of pending.entries()) {
      const { isRewritten, kind } = results[index] ?? {};
      if (isRewritten) this.#tally.rewritten += 1;
      if (kind === "new") this.#tally.verifications.added += 1;
      else if (kind === "present") this.#tally.verifications.already_there += 1;
      else if (kind === "outdated") this.#tally.verifications.outdated += 1;
      else {
        this.#tally.verifications.unknown_run += 1;
        const reason = `its run ${JSON.stringify(verification.execution_id.slice(0, 80))} is not here`;
        this.#tally.note({ kind: "unknown_run", file, line, reason });
      }
    }
  }
}
