import type { ServerResponse } from "node:http";
import { KaizenError } from "../errors.ts";
import type { Log } from "../log.ts";
import { everyHeader } from "./answers.ts";
import type { Changes } from "./source.ts";

/** So many agents that pages show are told by name: those of an overview, and some that were shown by themselves. */
const TOLD_AGENTS = 200;
/** Looks may take a fifth of the time at most: so many times as long as one took is waited for the next. */
const REST = 4;
/** A page that takes nothing more for so long that this has piled up has to connect again. */
const MAX_UNREAD_BYTES = 64 * 1024;

export interface LiveOptions {
  readonly source: Changes;
  readonly log: Log;
  /** How often is looked. */
  readonly intervalMs: number;
  /** How often a page hears that all is well, if nothing has changed. */
  readonly heartbeatMs: number;
}

/**
 * Tells pages of changes, whichever process made them, as lines of JSON: `{"changed": [...]}` with the names of agents that
 * pages show, with "" if it is something else, or with none if it may be anything; `{"is_away": true}` while a team's store
 * does not answer; or `{}` to say that all is well. One look serves all pages, and without a page there is none.
 */
export class Live {
  readonly #options: LiveOptions;
  readonly #viewers = new Set<ServerResponse>();
  readonly #shown = new Set<string>();
  #tokens: Promise<Tokens> | undefined;
  #nextLook: NodeJS.Timeout | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #lastProblem = "";
  #isAway = false;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  /** Keeps a page up to date until it goes. Its first line comes once every later change will be told. */
  async attach(viewer: ServerResponse): Promise<void> {
    viewer.writeHead(200, { ...everyHeader, "Content-Type": "application/x-ndjson; charset=utf-8" });
    viewer.flushHeaders();
    this.#viewers.add(viewer);
    viewer.on("close", () => this.#leave(viewer));
    if (this.#tokens === undefined) {
      this.#tokens = this.#read();
      this.#heartbeat = setInterval(() => this.#tell(this.#state), this.#options.heartbeatMs);
      void this.#goOn(this.#tokens, 0);
    }
    await this.#tokens.catch(() => {});
    writeTo(viewer, this.#state);
  }

  /** Pages show these agents. */
  noteShown(agents: readonly string[]): void {
    for (const agent of agents) {
      this.#shown.delete(agent);
      this.#shown.add(agent);
    }
    for (const oldest of [...this.#shown].slice(0, -TOLD_AGENTS)) this.#shown.delete(oldest);
  }

  /** Ends each stream as it should end: a browser takes one that breaks off for a fault. */
  close(): void {
    for (const viewer of this.#viewers) viewer.end();
    this.#stop();
  }

  #leave(viewer: ServerResponse): void {
    this.#viewers.delete(viewer);
    if (this.#viewers.size === 0) this.#stop();
  }

  #stop(): void {
    clearTimeout(this.#nextLook);
    clearInterval(this.#heartbeat);
    this.#tokens = undefined;
  }

  get #state(): object {
    return this.#isAway ? { is_away: true } : {};
  }

  /** Waits for a look, and has the next one follow, unless all pages have gone meanwhile. */
  async #goOn(tokens: Promise<Tokens>, startedAt: number): Promise<void> {
    const isKnown = await tokens.then(
      () => this.#noteAway(false),
      (error: unknown) => this.#note(error),
    );
    if (this.#tokens !== tokens) return;
    // A store that does not answer is not spared by longer pauses.
    const took = startedAt === 0 || !isKnown ? 0 : performance.now() - startedAt;
    this.#nextLook = setTimeout(
      () => {
        const now = performance.now();
        this.#tokens = this.#look(tokens);
        void this.#goOn(this.#tokens, now);
      },
      Math.max(this.#options.intervalMs, took * REST),
    );
  }

  async #look(before: Promise<Tokens>): Promise<Tokens> {
    const last = await before.catch(() => undefined);
    if (last !== undefined && (await this.#options.source.changeToken()) === last.all) return last;
    const now = await this.#read();
    const names = [...now.byAgent.keys()].filter((name) => last?.byAgent.get(name) !== now.byAgent.get(name));
    // After a look that failed it is not known what has changed.
    this.#tell({ changed: last === undefined ? [] : names.length === 0 ? [""] : names });
    return now;
  }

  /** That of all comes first: what is written in between shows in the next look. */
  async #read(): Promise<Tokens> {
    const all = await this.#options.source.changeToken();
    const byAgent = new Map<string, string>();
    for (const name of [...this.#shown]) byAgent.set(name, await this.#tokenOf(name));
    return { all, byAgent };
  }

  /** What is wrong with one agent hides no change of another. */
  async #tokenOf(agent: string): Promise<string> {
    try {
      return await this.#options.source.changeToken(agent);
    } catch (error) {
      if (error instanceof KaizenError) return error.code;
      throw error;
    }
  }

  #tell(message: object): void {
    for (const viewer of this.#viewers) writeTo(viewer, message);
  }

  /** Pages are told at once; that it answers again, by the look that has found it out. */
  #noteAway(isAway: boolean): boolean {
    const wasAway = this.#isAway;
    this.#isAway = isAway;
    if (isAway && !wasAway) this.#tell(this.#state);
    return !isAway;
  }

  /** Once for each problem, not once a second. */
  #note(error: unknown): boolean {
    this.#noteAway(error instanceof KaizenError && error.code === "STORE_UNREACHABLE");
    const problem = error instanceof Error ? error.message : String(error);
    if (problem !== this.#lastProblem) this.#options.log.info(`looking for changes: ${problem}`);
    this.#lastProblem = problem;
    return false;
  }
}

interface Tokens {
  readonly all: string;
  readonly byAgent: ReadonlyMap<string, string>;
}

function writeTo(viewer: ServerResponse, message: object): void {
  if (viewer.writableLength > MAX_UNREAD_BYTES) viewer.destroy();
  else if (!viewer.destroyed) viewer.write(`${JSON.stringify(message)}\n`);
}
