import { createHash } from "node:crypto";
import { KaizenError } from "../../errors.ts";
import type { Kaizen } from "../../kaizen/kaizen.ts";
import type { Log } from "../../log.ts";
import { invalidParams } from "../frame/errors.ts";
import { analysisUri } from "../shown/uris.ts";
import { resourceAt } from "./resource-requests.ts";

/** Each costs a look now and then. */
export const MAX_SUBSCRIPTIONS = 1_000;

/** The list alone is worth fewer looks: each is one at the files of every agent, and agents seldom come or go. */
const INTERVALS_OF_LIST = 10;
const LONGEST_OF_LIST_MS = 10_000;

/** How a client is told. */
export interface Tell {
  tellUpdated(uri: string): Promise<void>;
  tellListChanged(): Promise<void>;
}

export interface SubscriptionsOptions extends Tell {
  readonly kaizen: () => Promise<Kaizen>;
  readonly log: Log;
  /** How often is looked; as the store has it, if left out. */
  readonly intervalMs?: number | undefined;
}

/** A text that the client has seen, and wants to hear of once it has changed. */
interface Watched {
  readonly agent: string | undefined;
  readonly print: () => Promise<string>;
  readonly tell: () => Promise<void>;
  lastToken: string;
  lastPrint: string;
}

/**
 * Tells the client of changes, whichever process made them. The store is looked at from outside, as often as
 * it bears while something is subscribed, and never otherwise; only if it has changed is a resource read, to tell whether it did.
 * The timer keeps no process alive.
 */
export class Subscriptions {
  readonly #options: SubscriptionsOptions;
  readonly #watched = new Map<string, Watched>();
  /** The list of resources. */
  #list: Watched | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;
  #isDue = false;
  #isClosed = false;
  #lastProblem = "";

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
  }

  async subscribe(uri: string): Promise<void> {
    const { agent, read } = resourceAt(uri);
    const kaizen = await this.#options.kaizen();
    if (this.#watched.size >= MAX_SUBSCRIPTIONS && !this.#watched.has(uri)) {
      throw invalidParams(`There are ${MAX_SUBSCRIPTIONS} subscriptions already: unsubscribe from some of them first.`);
    }
    const print = () => printOf(read(kaizen));
    const watched = await watch(kaizen, { agent, print, tell: () => this.#options.tellUpdated(uri) });
    if (this.#isClosed) return;
    this.#watched.set(uri, watched);
    this.#startTimer(this.#intervalOf(kaizen));
  }

  /** Harmless if there was no subscription. */
  unsubscribe(uri: string): void {
    resourceAt(uri);
    this.#watched.delete(uri);
    if (this.#watched.size === 0) this.#stopTimer();
  }

  /**
   * To be called before the client is given the list: what changes from here on, it has to be told. `without looks` is for
   * a client that has only asked for the list: it hears of what we write, and of the rest if a timer runs for something else.
   */
  async watchList(how: "with looks" | "without looks"): Promise<void> {
    const kaizen = await this.#options.kaizen();
    const print = () => printOf(listedNames(kaizen));
    const list = await watch(kaizen, { agent: undefined, print, tell: this.#options.tellListChanged });
    if (this.#isClosed) return;
    this.#list = list;
    if (how === "without looks") return;
    const intervalMs = this.#intervalOf(kaizen);
    this.#startTimer(Math.max(intervalMs, Math.min(intervalMs * INTERVALS_OF_LIST, LONGEST_OF_LIST_MS)));
  }

  /** To be called after a write of our own: the client is told without waiting for the next look. */
  written(): void {
    if (this.#isLooking) this.#isDue = true;
    else this.#tick();
  }

  close(): void {
    this.#isClosed = true;
    this.#watched.clear();
    this.#list = undefined;
    this.#stopTimer();
  }

  #intervalOf({ network }: Kaizen): number {
    return this.#options.intervalMs ?? network.lookEveryMs;
  }

  #startTimer(intervalMs: number): void {
    this.#timer ??= setInterval(() => this.#tick(), intervalMs).unref();
  }

  #stopTimer(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** One look at a time: where a file system is slow, the next tick comes soon enough. */
  #tick(): void {
    if (this.#isLooking || (this.#watched.size === 0 && this.#list === undefined)) return;
    this.#isLooking = true;
    void this.#look().finally(() => {
      this.#isLooking = false;
      if (!this.#isDue) return;
      this.#isDue = false;
      this.#tick();
    });
  }

  async #look(): Promise<void> {
    const stamps = new Map<string | undefined, string>();
    const all = [...this.#watched.values(), ...(this.#list === undefined ? [] : [this.#list])];
    for (const watched of all) {
      try {
        const { agent } = watched;
        const stamp = stamps.get(agent) ?? (await (await this.#options.kaizen()).changeToken(agent));
        stamps.set(agent, stamp);
        if (stamp !== watched.lastToken) await this.#compare(watched, stamp);
      } catch (error) {
        this.#note(error);
      }
    }
  }

  async #compare(watched: Watched, stamp: string): Promise<void> {
    // The stamp is older than the print: what is written in between shows in the next stamp.
    watched.lastToken = stamp;
    const print = await watched.print();
    if (print === watched.lastPrint) return;
    watched.lastPrint = print;
    const isWanted = watched === this.#list || [...this.#watched.values()].includes(watched);
    if (isWanted) await watched.tell();
  }

  /** Once for each problem, not once a second. */
  #note(error: unknown): void {
    const problem = error instanceof Error ? error.message : String(error);
    if (problem !== this.#lastProblem && !this.#isClosed) this.#options.log.info(`looking for changes: ${problem}`);
    this.#lastProblem = problem;
  }
}

async function watch(kaizen: Kaizen, what: Pick<Watched, "agent" | "print" | "tell">): Promise<Watched> {
  const lastToken = await kaizen.changeToken(what.agent);
  return { ...what, lastToken, lastPrint: await what.print() };
}

/** The names behind `resources/list`: agents come and go, and the analysis is listed once there is one. */
async function listedNames(kaizen: Kaizen): Promise<string> {
  const names: string[] = await kaizen.agentNames();
  return JSON.stringify((await kaizen.hasAnalysis()) ? [...names, analysisUri] : names);
}

/** A short stand-in for a text, to be compared. An unreadable text is a state too: its reader will be told why. */
async function printOf(text: Promise<string>): Promise<string> {
  try {
    return createHash("sha256")
      .update(await text)
      .digest("base64");
  } catch (error) {
    return error instanceof KaizenError ? error.code : "unreadable";
  }
}
