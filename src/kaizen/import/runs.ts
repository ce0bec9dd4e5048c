import { ContentCounts, contentHash } from "../../adr004/content-counts.ts";
import { type ImportedRun, namedText } from "../../adr004/read-lines.ts";
import type { AgentName } from "../../domain/run/agent-name.ts";
import { identitiesOf, idIdentity } from "../../domain/run/execution.ts";
import { AHEAD, isAhead } from "../../domain/run/report.ts";
import { hasExpired, retentionCutoff } from "../../domain/run/retention.ts";
import type { JsonObject } from "../../domain/text/json.ts";
import { KaizenError } from "../../errors.ts";
import type { NewRun } from "../../storage/store.ts";
import type { ImportOptions, ImportRequest, Place } from "./options.ts";
import type { ImportTally } from "./report.ts";

/** So many runs wait for the disk at once: they share its flushes. */
const WAVE = 2_048;
/** And no more than so many characters of them, for a run may be long. */
const WAVE_CHARACTERS = 8 * 1024 * 1024;

interface PendingRun extends Place {
  readonly agent: AgentName;
  readonly run: NewRun;
  readonly identities: readonly string[];
}

type Fate = "added" | "already_there" | KaizenError;

/** Takes in runs by the wave, and counts what became of them. */
export class RunImport {
  readonly #options: ImportOptions;
  readonly #isDryRun: boolean;
  readonly #onProgress: (runs: number) => void;
  readonly #tally: ImportTally;
  /** Runs of the source that is being read which have nothing but their content to be known by. */
  #contents = new Map<AgentName, ContentCounts>();
  /** In a rehearsal: what would have been added by now. */
  readonly #dryRunSeen = new ContentCounts();
  readonly #touched = new Set<AgentName>();
  #wave: PendingRun[] = [];
  #waveCharacters = 0;
  #read = 0;

  constructor(options: ImportOptions, request: Pick<ImportRequest, "isDryRun" | "onProgress">, tally: ImportTally) {
    this.#options = options;
    this.#isDryRun = request.isDryRun;
    this.#onProgress = request.onProgress;
    this.#tally = tally;
  }

  /** Agents that have runs in what was read. */
  get agents(): Iterable<AgentName> {
    return this.#touched;
  }

  /** `isOfFolder`: the log stands in its agent's folder, and need not name it. */
  async add(agent: AgentName, { execution, text }: ImportedRun, place: Place & { isOfFolder: boolean }): Promise<void> {
    this.#read += 1;
    this.#onProgress(this.#read);
    this.#touched.add(agent);
    const { now, retentionDays } = this.#options;
    if (hasExpired(execution.at, retentionCutoff(retentionDays, now()))) {
      this.#tally.runs.expired += 1;
      return;
    }
    const { file, line } = place;
    if (isAhead(execution.at, now())) {
      this.#tally.refuse("runs", { file, line }, `its timestamp ${AHEAD}`);
      return;
    }
    const { record } = execution;
    const isNamed = record.agent === agent || (record.agent === undefined && place.isOfFolder);
    const named = isNamed ? record : { ...record, agent };
    const identities = identitiesOf(execution);
    const origin = {
      text: isNamed ? text : namedText(agent, { execution, text }),
      earlierCopies: identities.length === 0 ? this.#contentsOf(agent).add(contentHash(record)) : 0,
    };
    const run = { record: named, reported: reportedPart(record), origin };
    this.#wave.push({ agent, run, identities, file, line });
    this.#waveCharacters += text.length;
    if (this.#wave.length >= WAVE || this.#waveCharacters >= WAVE_CHARACTERS) await this.flush();
  }

  /** The next file is another source: equal runs in it may be copies of those that were read. */
  endSource(): void {
    this.#contents = new Map();
  }

  /** Resolves when everything that was added is on disk. */
  async flush(): Promise<void> {
    const wave = this.#wave;
    this.#wave = [];
    this.#waveCharacters = 0;
    if (wave.length === 0) return;
    if (this.#isDryRun) {
      const results = await this.#rehearse(wave);
      for (const [index, run] of wave.entries()) this.#count(run, results[index] ?? "added");
      return;
    }
    // What cannot be written ends the import, but not before those of the wave that were written are counted.
    const results = await Promise.allSettled(wave.map((run) => this.#append(run)));
    for (const [index, run] of wave.entries()) {
      const result = results[index];
      if (result?.status === "fulfilled") this.#count(run, result.value);
    }
    const failure = results.find((result) => result.status === "rejected");
    if (failure !== undefined) throw failure.reason;
  }

  #count({ file, line }: PendingRun, result: Fate): void {
    if (result === "added" || result === "already_there") {
      this.#tally.runs[result] += 1;
      return;
    }
    const isConflict = result.code === "KEY_CONFLICT";
    this.#tally.runs[isConflict ? "conflicts" : "refused"] += 1;
    this.#tally.note({ kind: isConflict ? "conflict" : "refused", file, line, reason: result.message });
  }

  /** In a rehearsal: whether the run with this id would be there by now. */
  wouldHave(agent: AgentName, id: string): boolean {
    return this.#isDryRun && this.#dryRunSeen.count(contentHash({ of: agent, identity: idIdentity(id) })) > 0;
  }

  async #append({ agent, run }: PendingRun): Promise<Fate> {
    try {
      const { duplicate } = await this.#options.store.executions.append(agent, run);
      return duplicate ? "already_there" : "added";
    } catch (error) {
      if (error instanceof KaizenError && ofRun.has(error.code)) return error;
      throw error;
    }
  }

  async #rehearse(wave: readonly PendingRun[]): Promise<Fate[]> {
    const results = new Map<PendingRun, Fate>();
    for (const agent of new Set(wave.map((pending) => pending.agent))) {
      const its = wave.filter((pending) => pending.agent === agent);
      const previews = await this.#options.store.executions.preview(
        agent,
        its.map(({ run }) => run),
      );
      for (const [index, pending] of its.entries()) {
        const preview = previews[index];
        if (preview?.kind === "refused") results.set(pending, preview.error);
        else results.set(pending, preview?.kind === "duplicate" ? "already_there" : this.#rehearseNew(pending));
      }
    }
    return wave.map((pending) => results.get(pending) ?? "already_there");
  }

  /** What the store has not seen may have come in an earlier wave. */
  #rehearseNew({ agent, identities, run }: PendingRun): Fate {
    for (const identity of identities) {
      if (this.#dryRunSeen.count(contentHash({ of: agent, identity })) === 0) continue;
      const isSame = this.#dryRunSeen.count(contentHash({ of: agent, identity, said: run.reported })) > 0;
      return isSame
        ? "already_there"
        : new KaizenError("KEY_CONFLICT", "Another run of this source has the same identity.");
    }
    for (const identity of identities) {
      this.#dryRunSeen.add(contentHash({ of: agent, identity }));
      this.#dryRunSeen.add(contentHash({ of: agent, identity, said: run.reported }));
    }
    return "added";
  }

  #contentsOf(agent: AgentName): ContentCounts {
    const contents = this.#contents.get(agent) ?? new ContentCounts();
    this.#contents.set(agent, contents);
    return contents;
  }
}

/** What a run is refused for, as against what keeps everything from being written. */
const ofRun: ReadonlySet<string> = new Set(["KEY_CONFLICT", "INVALID_ARGUMENT", "INVALID_AGENT"]);

/**
 * What a store that has the run already must have as well. The agent may be called otherwise here; and where a key says
 * which run it is, each store may have given it an id and a time of its own.
 */
function reportedPart({ agent: _, ...said }: JsonObject): JsonObject {
  if (typeof said.idempotency_key !== "string") return said;
  const { id: __, timestamp: ___, ...keyed } = said;
  return keyed;
}
