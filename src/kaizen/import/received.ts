import { ContentCounts, contentHash } from "../../adr004/content-counts.ts";
import {
  decodeEvidence,
  decodeLifecycleEvent,
  decodeVoided,
  isSpelledAs,
  runOf,
  sideLineText,
} from "../../adr004/read-lines.ts";
import type { AgentName } from "../../domain/run/agent-name.ts";
import { hasExpired, retentionCutoff } from "../../domain/run/retention.ts";
import { firstSeenIn, isExpiredRun } from "../../domain/run/runs-by-key.ts";
import type { ForeignLine, ReceivedJournal } from "../../storage/store.ts";
import type { ImportOptions, ImportRequest, Place } from "./options.ts";
import type { ImportTally } from "./report.ts";

export const receivedJournals = ["lifecycle", "evidence", "voided"] as const satisfies readonly ReceivedJournal[];

export function isReceived(kind: string): kind is ReceivedJournal {
  return receivedJournals.some((journal) => journal === kind);
}

/** So many lines are taken in together, and no more than so many characters of them. */
const LINES_AT_ONCE = 512;
const CHARACTERS_AT_ONCE = 8 * 1024 * 1024;

/** What is wrong with another line of a file. */
const noSuchLine = {
  lifecycle: "it is not a lifecycle event",
  evidence: "it is not evidence of a run",
  voided: "it is not a voided run",
};

/** Takes in what stands beside the logs of a history that moves, file by file, line by line. */
export class ReceivedImport {
  readonly #options: ImportOptions;
  readonly #request: Pick<ImportRequest, "isDryRun" | "isUnproven">;
  readonly #tally: ImportTally;
  #pending: ForeignLine[] = [];
  #characters = 0;
  #whose: { readonly agent: AgentName; readonly journal: ReceivedJournal } | undefined;
  #copies = new ContentCounts();

  constructor(options: ImportOptions, request: Pick<ImportRequest, "isDryRun" | "isUnproven">, tally: ImportTally) {
    this.#options = options;
    this.#request = request;
    this.#tally = tally;
  }

  async add(agent: AgentName, journal: ReceivedJournal, bytes: Buffer, place: Place): Promise<void> {
    const text = sideLineText(bytes);
    if (text === "") return;
    const isExpired = this.#isExpired(journal, bytes);
    if (isExpired === undefined) {
      this.#tally.note({ kind: "damaged", ...place, reason: noSuchLine[journal] });
      return;
    }
    if (isExpired) {
      this.#tally.beside[journal].expired += 1;
      return;
    }
    if (!isSpelledAs(bytes, text)) this.#tally.rewritten += 1;
    this.#whose = { agent, journal };
    this.#pending.push({ text, earlierCopies: this.#copies.add(contentHash({ line: text })) });
    this.#characters += text.length;
    if (this.#pending.length >= LINES_AT_ONCE || this.#characters >= CHARACTERS_AT_ONCE) await this.#flush();
  }

  /** The next file is another: equal lines in it are copies of nothing. */
  async endSource(): Promise<void> {
    await this.#flush();
    this.#copies = new ContentCounts();
  }

  async #flush(): Promise<void> {
    const lines = this.#pending;
    this.#pending = [];
    this.#characters = 0;
    const { receiving } = this.#options.store;
    if (this.#whose === undefined || receiving === undefined || lines.length === 0) return;
    const { agent, journal } = this.#whose;
    const { isDryRun: dryRun, isUnproven = false } = this.#request;
    const counts = this.#tally.beside[journal];
    for (const result of await receiving.receive(agent, journal, lines, { dryRun, isUnproven })) {
      counts[result === "new" ? "added" : result === "present" ? "already_there" : "outdated"] += 1;
    }
  }

  /** `undefined` for a line that holds no such record. What a later version wrote does not say when it expires. */
  #isExpired(journal: ReceivedJournal, bytes: Buffer): boolean | undefined {
    const cutoff = retentionCutoff(this.#options.retentionDays, this.#options.now());
    if (journal === "voided") {
      const voided = decodeVoided(bytes);
      return voided === undefined || voided === "blank" ? undefined : hasExpired(runOf(voided)?.at, cutoff);
    }
    const event = journal === "lifecycle" ? decodeLifecycleEvent(bytes) : decodeEvidence(bytes);
    if (event === "blank") return false;
    return event && isExpiredRun({ firstSeenAt: firstSeenIn(event) }, cutoff);
  }
}
