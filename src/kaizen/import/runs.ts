import { ContentCounts, contentHash } from "../../adr004/content-counts.ts";
import { type ImportedRun, namedText } from "../../adr004/read-lines.ts";
import type { AgentName } from "../../domain/run/agent-name.ts";
import { identitiesOf } from "../../domain/run/execution.ts";
import { AHEAD, isAhead } from "../../domain/run/report.ts";
import { hasExpired, retentionCutoff } from "../../domain/run/retention.ts";
import type { JsonObject } from "../../domain/text/json.ts";
import { KaizenError } from "../../errors.ts";
import type { Appended, AppendResult, NewRun } from "../../storage/store.ts";
import type { HistoryOptions, Place } from "./options.ts";
import type { ImportTally } from "./report.ts";

/** So many runs wait for the store, and no more than so many characters of them, for a run may be long. */
const PENDING_RUNS = 2_048;
const PENDING_CHARACTERS = 8 * 1024 * 1024;
/** So many of one agent are added together, all of them or none. */
const RUNS_AT_ONCE = 512;

interface PendingRun extends Place {
  readonly agent: AgentName;
  readonly run: NewRun;
}

/** Takes in runs, many at a time, and counts what became of them. */
export class RunImport {
  readonly #options: HistoryOptions;
  readonly #tally: ImportTally;
  /** Runs of the source that is being read which have nothing but their content to be known by. */
  #contents = new Map<AgentName, ContentCounts>();
  /** How many runs of the source are here by now, by agent. */
  readonly #touched = new Map<AgentName, number>();
  readonly #known = new ContentCounts();
  #pending: PendingRun[] = [];
  #pendingCharacters = 0;

  constructor(options: HistoryOptions, tally: ImportTally) {
    this.#options = options;
    this.#tally = tally;
  }

  /** Agents that have runs in what was read. */
  get agents(): Iterable<AgentName> {
    return this.#touched.keys();
  }

  /** How many runs of an agent this source has, each counted once: more that are here come from elsewhere. */
  countOf(agent: AgentName): number {
    return this.#touched.get(agent) ?? 0;
  }

  /** `isOfFolder`: the log stands in its agent's folder, and need not name it. */
  async add(agent: AgentName, { execution, text }: ImportedRun, place: Place & { isOfFolder: boolean }): Promise<void> {
    this.#touched.set(agent, this.countOf(agent));
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
    const origin = {
      text: isNamed ? text : namedText(agent, { execution, text }),
      earlierCopies: identitiesOf(execution).length === 0 ? this.#contentsOf(agent).add(contentHash(record)) : 0,
    };
    if (origin.text !== text) this.#tally.rewritten += 1;
    const run = { record: named, reported: reportedPart(record), origin };
    this.#pending.push({ agent, run, file, line });
    this.#pendingCharacters += text.length;
    const isFull = this.#pending.length >= PENDING_RUNS || this.#pendingCharacters >= PENDING_CHARACTERS;
    if (isFull) await this.flush();
  }

  /** The next file is another source: equal runs in it may be copies of those that were read. */
  endSource(): void {
    this.#contents = new Map();
  }

  /** Resolves when everything that was added is on disk. */
  async flush(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    this.#pendingCharacters = 0;
    const results = new Map<PendingRun, AppendResult>();
    try {
      for (const agent of new Set(pending.map((one) => one.agent))) {
        const its = pending.filter((one) => one.agent === agent);
        for (let from = 0; from < its.length; from += RUNS_AT_ONCE) {
          await this.#append(agent, its.slice(from, from + RUNS_AT_ONCE), results);
        }
      }
    } finally {
      // What cannot be written ends the import, but not before what was written is counted.
      for (const one of pending) this.#count(one, results.get(one));
    }
  }

  async #append(
    agent: AgentName,
    together: readonly PendingRun[],
    results: Map<PendingRun, AppendResult>,
  ): Promise<void> {
    const runs = together.map(({ run }) => run);
    const appended = await this.#options.target.append(agent, runs).catch((error: unknown) => {
      // Another process may have taken the agent's name in another spelling meanwhile.
      if (error instanceof KaizenError && error.code === "INVALID_AGENT") return refusing(error, runs);
      throw error;
    });
    for (const [index, one] of together.entries()) {
      const result = appended.results[index];
      if (result !== undefined) results.set(one, result);
    }
  }

  #count({ agent, file, line, run }: PendingRun, result: AppendResult | undefined): void {
    if (result === undefined) return;
    if (result.kind === "refused") {
      const isConflict = result.error.code === "KEY_CONFLICT";
      this.#tally.runs[isConflict ? "conflicts" : "refused"] += 1;
      this.#tally.note({ kind: isConflict ? "conflict" : "refused", file, line, reason: result.error.message });
      return;
    }
    this.#tally.runs[result.kind === "new" ? "added" : "already_there"] += 1;
    const [identity = `${run.origin?.earlierCopies} ${contentHash(run.record)}`] = identitiesOf(result.execution);
    if (this.#known.add(contentHash({ of: agent, identity })) === 0) this.#touched.set(agent, this.countOf(agent) + 1);
  }

  #contentsOf(agent: AgentName): ContentCounts {
    const contents = this.#contents.get(agent) ?? new ContentCounts();
    this.#contents.set(agent, contents);
    return contents;
  }
}

function refusing(error: KaizenError, runs: readonly NewRun[]): Pick<Appended, "results"> {
  return { results: runs.map(() => ({ kind: "refused", error })) };
}

/**
 * What a store that has the run already must have as well. The agent may be called otherwise here; and where a key says
 * which run it is, each store may have given it an id and a time of its own.
 */
function reportedPart({ agent: _, ...said }: JsonObject): JsonObject {
  if (typeof said.idempotency_key !== "string") return said;
  const { id: __, timestamp: ___, ...keyed } = said;
  return keyed;
}
