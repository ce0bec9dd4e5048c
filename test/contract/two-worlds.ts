import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import type { AgentName } from "../../src/domain/run/agent-name.ts";
import type { ExecutionFilter } from "../../src/domain/run/filter.ts";
import { DAY_MS } from "../../src/domain/run/time.ts";
import type { JsonObject } from "../../src/domain/text/json.ts";
import type { JsonlRuns } from "../../src/storage/jsonl/executions.ts";
import type { JsonlStore } from "../../src/storage/jsonl/store.ts";
import type { NewRun } from "../../src/storage/store.ts";
import { createMemoryStore } from "../oracle/memory.ts";
import type { MemoryRuns } from "../oracle/memory-runs.ts";
import { logPath, writeForeignText } from "../support/foreign-writer.ts";
import { damagedLinesOf } from "../support/jsonl.ts";
import { agentNamed, type Clock, clockAt } from "../support/runs.ts";
import { type AppendedRun, appendRun, namesOf } from "../support/single-calls.ts";
import { comparableOverview, everythingAbout } from "./comparable.ts";
import { generatedRun, importedRecord, repeatsExpired } from "./generated-runs.ts";
import { type ImportedRun, type Operation, RETENTION_DAYS } from "./operations.ts";

const agents = [agentNamed("reviewer"), agentNamed("writer é")];
const garbage = ["not json", "<<<<<<< HEAD", '{"success": "yes"}', '{"timestamp": "2026-01-01"', "\u0000\u0001", "[1]"];

/**
 * Two stores on one folder, and the memory store beside them, living through the same operations. The two are told
 * apart by nothing: either of them may be asked after any step, and has to answer what the memory store answers.
 */
export class TwoWorlds {
  readonly #root: string;
  readonly #openAt: (root: string, now: () => number) => JsonlStore;
  readonly #clock: Clock = clockAt();
  readonly #memory: MemoryRuns;
  readonly #onDisk: JsonlRuns[];
  readonly #damaged = new Map<AgentName, number>();
  readonly #torn = new Set<AgentName>();
  #ordinal = 0;

  constructor(root: string, openAt: (root: string, now: () => number) => JsonlStore) {
    this.#root = root;
    this.#openAt = openAt;
    this.#memory = createMemoryStore({ now: this.#clock.now, retentionDays: RETENTION_DAYS }).runs;
    this.#onDisk = [0, 1].map(() => this.#open());
  }

  async perform(operation: Operation): Promise<void> {
    const agent = agents["agent" in operation ? operation.agent : 0] as AgentName;
    const store = this.#onDisk["store" in operation ? operation.store : 0] as JsonlRuns;
    if (operation.do === "append") await this.#append(agent, store, [this.#run(agent, operation)]);
    else if (operation.do === "appendTogether") {
      const runs = operation.keys.map((key) =>
        this.#run(agent, { content: 0, ageDays: 0, ...(key === null ? {} : { key }) }),
      );
      await this.#append(agent, store, runs);
    } else if (operation.do === "foreign") await this.#writeForeign(agent, operation.runs, operation.repeat);
    else if (operation.do === "garbage") await this.#writeGarbage(agent, operation.text);
    else if (operation.do === "tornTail") await this.#tearTail(agent);
    else if (operation.do === "advance") this.#clock.advanceDays(operation.days);
    else if (operation.do === "prune") {
      const { kept } = await this.#memory.prune(agent);
      expect((await store.prune(agent)).kept).toBe(kept);
    } else if (operation.do === "repair") await this.#repair(agent, store);
    else if (operation.do === "overviewOf") {
      await this.#compareAnswers(agent, store, { success: false }, 50);
      const ago = (days: number) => this.#clock.now() - days * DAY_MS;
      const spans = [
        { sinceAt: ago(5) },
        { untilAt: ago(2.5) },
        { sinceAt: ago(8), untilAt: ago(1.3) },
        { sinceAt: ago(99) },
      ];
      for (const span of spans) await this.#compareAnswers(agent, store, span, 3);
    } else if (operation.do === "page") await this.#compareAnswers(agent, store, {}, operation.limit);
    else if (operation.do === "reopen") {
      await store.close();
      this.#onDisk[operation.store] = this.#open();
    } else rmSync(join(dirname(logPath(this.#root, agent)), ".index"), { recursive: true, force: true });
  }

  /** What holds after every step, whoever is asked. */
  async compareFigures(): Promise<void> {
    for (const store of this.#onDisk) {
      expect(await namesOf(store)).toEqual(await namesOf(this.#memory));
      for (const agent of agents) {
        const expected = {
          ...comparableOverview(await this.#memory.overview(agent)),
          unreadable: this.#damagedIn(agent),
        };
        expect(comparableOverview(await store.overview(agent))).toEqual(expected);
      }
    }
  }

  async compareEverything(): Promise<void> {
    for (const agent of agents) {
      for (const store of this.#onDisk) await this.#compareAnswers(agent, store, {}, 33);
      const damaged = await damagedLinesOf(this.#root, agent, this.#clock.now);
      expect(damaged).toHaveLength(this.#damagedIn(agent));
    }
  }

  async close(): Promise<void> {
    for (const store of this.#onDisk) await store.close();
  }

  #open(): JsonlRuns {
    return this.#openAt(this.#root, this.#clock.now).runs;
  }

  #damagedIn(agent: AgentName): number {
    return this.#damaged.get(agent) ?? 0;
  }

  #run(agent: AgentName, given: { key?: number; content: number; ageDays: number; quality?: number }): NewRun {
    this.#ordinal += 1;
    return generatedRun(agent, given, { now: this.#clock.now(), ordinal: this.#ordinal });
  }

  async #append(agent: AgentName, store: JsonlRuns, runs: NewRun[]): Promise<void> {
    for (const run of runs) if (await repeatsExpired(this.#memory, agent, run)) return;
    // One after the other in memory; all at once on disk, where they may share a write but keep their order.
    const expected: unknown[] = [];
    for (const run of runs) expected.push(await outcomeOf(appendRun(this.#memory, agent, run)));
    const actual = await Promise.all(runs.map((run) => outcomeOf(appendRun(store, agent, run))));
    expect(actual).toEqual(expected);
    if (actual.some((outcome) => typeof outcome === "object" && !outcome.duplicate) && this.#torn.delete(agent)) {
      this.#damaged.set(agent, this.#damagedIn(agent) + 1);
    }
  }

  /** A writer that knows neither locks nor keys. A key that is in use it leaves out: two runs of one key are another test. */
  async #writeForeign(agent: AgentName, runs: ImportedRun[], repeat: number): Promise<void> {
    if (this.#torn.has(agent)) return;
    let text = "";
    for (let round = 0; round < repeat; round += 1) {
      for (const run of runs) {
        const record = this.#foreignRecord(run, round === 0);
        const outcome = await outcomeOf(appendRun(this.#memory, agent, { record, reported: record }));
        if (typeof outcome === "object" && !outcome.duplicate) text += `${JSON.stringify(record)}\n`;
      }
    }
    if (text !== "") writeForeignText(this.#root, agent, text);
  }

  #foreignRecord(run: ImportedRun, isFirst: boolean): JsonObject {
    this.#ordinal += 1;
    const record = importedRecord(run, { now: this.#clock.now(), ordinal: this.#ordinal });
    if (run.large === true && isFirst) record.notes = "x".repeat(300_000);
    if (run.key !== undefined && isFirst) record.idempotency_key = `key ${run.key}`;
    return record;
  }

  /** Only into a log that is there: a log of garbage alone would be an agent that the memory store cannot know. */
  async #writeGarbage(agent: AgentName, text: number): Promise<void> {
    if (this.#torn.has(agent) || !(await this.#hasLog(agent))) return;
    writeForeignText(this.#root, agent, `${garbage[text % garbage.length]}\n`);
    this.#damaged.set(agent, this.#damagedIn(agent) + 1);
  }

  async #tearTail(agent: AgentName): Promise<void> {
    if (this.#torn.has(agent) || !(await this.#hasLog(agent))) return;
    this.#torn.add(agent);
    writeForeignText(this.#root, agent, '{"success": true, "timestamp": "2026-');
  }

  async #hasLog(agent: AgentName): Promise<boolean> {
    return (await namesOf(this.#memory)).includes(agent);
  }

  async #repair(agent: AgentName, store: JsonlRuns): Promise<void> {
    if (this.#torn.has(agent)) return;
    expect((await store.repair(agent)).quarantined).toBe(this.#damagedIn(agent));
    this.#damaged.delete(agent);
  }

  async #compareAnswers(agent: AgentName, store: JsonlRuns, filter: ExecutionFilter, limit: number) {
    const expected = await everythingAbout(this.#memory, agent, { filter, limit });
    const overview = { ...expected.overview, unreadable: this.#damagedIn(agent) };
    expect(await everythingAbout(store, agent, { filter, limit })).toEqual({ ...expected, overview });
  }
}

/** How a call ended, in a form that can be compared. Figures right after a batch differ by how it was cut, and are left out. */
export async function outcomeOf(
  call: Promise<AppendedRun>,
): Promise<{ duplicate: boolean; record: JsonObject } | string> {
  try {
    const { duplicate, execution } = await call;
    return { duplicate, record: execution.record };
  } catch (error) {
    if (error instanceof Error && "code" in error) return String(error.code);
    throw error;
  }
}
