import { expect } from "vitest";
import type { AgentName } from "../../src/domain/run/agent-name.ts";
import type { ExecutionFilter } from "../../src/domain/run/filter.ts";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
import type { NewRun, Store } from "../../src/storage/store.ts";
import { comparableOverview, everythingAbout } from "../contract/comparable.ts";
import { generatedRun, importedRecord, repeatsExpired } from "../contract/generated-runs.ts";
import { type ImportedRun, type Operation, RETENTION_DAYS } from "../contract/operations.ts";
import { outcomeOf } from "../contract/two-worlds.ts";
import { verifiedPart } from "../contract/verification.contract.ts";
import type { VerificationOperation } from "../contract/verification-operations.ts";
import { createMemoryStore } from "../oracle/memory.ts";
import { idOf } from "../support/histories.ts";
import { newProject, openPostgres } from "../support/postgres/place.ts";
import { agentNamed, type Clock, clockAt, REVIEWER } from "../support/runs.ts";
import { appendRun, namesOf, verifyRun } from "../support/single-calls.ts";

const agents = [REVIEWER, agentNamed("writer é")];

/** Two processes on one project of a team's store, and the memory store beside them, living through the same operations. */
export class TeamWorlds {
  readonly #clock: Clock = clockAt();
  readonly #project = newProject();
  readonly #memory = createMemoryStore({ now: this.#clock.now, retentionDays: RETENTION_DAYS });
  readonly #stores: Store[] = [this.#open(), this.#open()];
  #ordinal = 0;
  #verified = 0;

  /** What is done to files has no meaning here, but that what is derived of them goes away. */
  async perform(operation: Operation): Promise<void> {
    const agent = agents["agent" in operation ? operation.agent : 0] ?? REVIEWER;
    const store = this.#store("store" in operation ? operation.store : 0);
    if (operation.do === "append") await this.#append(agent, store, [this.#run(agent, operation)]);
    else if (operation.do === "appendTogether") {
      const runs = operation.keys.map((key) =>
        this.#run(agent, { content: 0, ageDays: 0, ...(key === null ? {} : { key }) }),
      );
      await this.#append(agent, store, runs);
    } else if (operation.do === "foreign") {
      const runs = operation.runs.flatMap((run) => Array.from({ length: operation.repeat }, () => this.#imported(run)));
      await this.#append(agent, store, runs);
    } else if (operation.do === "advance") this.#clock.advanceDays(operation.days);
    else if (operation.do === "prune") {
      const expected = await this.#memory.retention.prune(agent);
      expect((await store.retention?.prune(agent))?.kept).toBe(expected.kept);
    } else if (operation.do === "overviewOf") {
      const ago = (days: number) => this.#clock.now() - days * DAY_MS;
      const filters = [
        { success: false },
        { sinceAt: ago(5) },
        { untilAt: ago(2.5) },
        { sinceAt: ago(8), untilAt: ago(1.3) },
      ];
      for (const filter of filters) await this.#compareAnswers(agent, store, filter, 7);
    } else if (operation.do === "page") await this.#compareAnswers(agent, store, {}, operation.limit);
    else if (operation.do === "reopen") await this.#reopen(operation.store);
  }

  async verify(operation: VerificationOperation): Promise<void> {
    const store = this.#store("store" in operation ? operation.store : 0);
    if (operation.do === "append") {
      const runs = Array.from({ length: operation.count }, () =>
        this.#run(REVIEWER, { content: operation.success ? 0 : 1, ageDays: operation.ageDays }),
      );
      await this.#append(REVIEWER, store, runs);
    } else if (operation.do === "verify") {
      const verification = {
        execution_id: idOf(Math.max(0, this.#ordinal - operation.back)),
        success: operation.success,
        verified_by: operation.verifier,
        evidence: `${this.#verified++} ${"é".repeat(operation.evidence)}`.slice(0, 8000),
        timestamp: formatInstant(this.#clock.now()),
        ...(operation.unproven ? { via: "cli" as const, unproven: true } : {}),
        ...(operation.withdrawn ? { withdrawn: true } : {}),
      };
      const saidIn = async ({ runs }: Pick<Store, "runs">) => {
        try {
          const { overview, run } = await verifyRun(runs, REVIEWER, verification);
          return { run, verified: verifiedPart(overview) };
        } catch (error) {
          if (error instanceof Error && "code" in error) return error.code;
          throw error;
        }
      };
      const expected = await saidIn(this.#memory);
      expect(await saidIn(store)).toEqual(expected);
    } else if (operation.do === "advance") this.#clock.advanceDays(operation.days);
    else if (operation.do === "prune") {
      const expected = await this.#memory.retention.prune(REVIEWER);
      expect((await store.retention?.prune(REVIEWER))?.kept).toBe(expected.kept);
    } else if (operation.do === "reopen") await this.#reopen(operation.store);
  }

  /** What holds after every step, whoever is asked. */
  async compareFigures(): Promise<void> {
    for (const { runs } of this.#stores) {
      expect(await namesOf(runs)).toEqual(await namesOf(this.#memory.runs));
      for (const agent of agents) {
        const [expected, overview] = [await this.#memory.runs.overview(agent), await runs.overview(agent)];
        expect(comparableOverview(overview)).toEqual(comparableOverview(expected));
        expect(verifiedPart(overview)).toEqual(verifiedPart(expected));
        expect(await runs.days(agent)).toEqual(await this.#memory.runs.days(agent));
      }
    }
  }

  async compareEverything(): Promise<void> {
    for (const agent of agents) for (const store of this.#stores) await this.#compareAnswers(agent, store, {}, 33);
  }

  async close(): Promise<void> {
    for (const { runs } of this.#stores) await runs.close();
  }

  #open(): Store {
    return openPostgres(this.#project, { now: this.#clock.now, retentionDays: RETENTION_DAYS });
  }

  #store(number: number): Store {
    const store = this.#stores[number];
    if (store === undefined) throw new Error("there are two");
    return store;
  }

  async #reopen(number: number): Promise<void> {
    await this.#store(number).runs.close();
    this.#stores[number] = this.#open();
  }

  #run(agent: AgentName, given: { key?: number; content: number; ageDays: number; quality?: number }): NewRun {
    this.#ordinal += 1;
    return generatedRun(agent, given, { now: this.#clock.now(), ordinal: this.#ordinal });
  }

  /** A run that was recorded elsewhere, and is known by what it says if it has no key. */
  #imported(run: ImportedRun): NewRun {
    this.#ordinal += 1;
    const record = importedRecord(run, { now: this.#clock.now(), ordinal: this.#ordinal });
    if (run.key !== undefined && this.#ordinal % 2 === 0) record.idempotency_key = `key ${run.key}`;
    return { record, reported: record, origin: { text: JSON.stringify(record), earlierCopies: 0 } };
  }

  async #append(agent: AgentName, { runs: store }: Store, runs: readonly NewRun[]): Promise<void> {
    for (const run of runs) if (await repeatsExpired(this.#memory.runs, agent, run)) return;
    const expected: unknown[] = [];
    for (const run of runs) expected.push(await outcomeOf(appendRun(this.#memory.runs, agent, run)));
    expect(await Promise.all(runs.map((run) => outcomeOf(appendRun(store, agent, run))))).toEqual(expected);
  }

  async #compareAnswers(agent: AgentName, { runs }: Store, filter: ExecutionFilter, limit: number): Promise<void> {
    const expected = await everythingAbout(this.#memory.runs, agent, { filter, limit });
    expect(await everythingAbout(runs, agent, { filter, limit })).toEqual(expected);
  }
}
