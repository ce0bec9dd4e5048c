import type { Facts } from "../../domain/evidence/evidence.ts";
import { SeenSteps, type Step } from "../../domain/evidence/seen.ts";
import { plainLine } from "../../domain/text/plain-text.ts";
import { AcceptedReports } from "./accepted-reports.ts";
import { WorkClock } from "./worked-time.ts";
import { WorkingFolders } from "./working-folders.ts";

/** How a run ended, where the client itself says that it failed. */
export interface Failure {
  readonly errorType: string;
  readonly error: string;
}

/** The facts that a transcript says. */
export type TranscriptFacts = Pick<
  Facts,
  | "client"
  | "model"
  | "duration_s"
  | "tokens"
  | "cost_usd"
  | "price_table"
  | "tools"
  | "tool_errors"
  | "denied"
  | "interrupted"
  | "edits"
  | "files"
  | "seen"
  | "tests"
  | "checks"
  | "ended_by"
  | "flags"
>;

/** Takes the steps of a run. */
export interface Steps {
  /** With the time, in ms, when a command was begun, or an edit was made. */
  add(step: Step, at: number | undefined): void;
  /** Other agents were set to work. */
  delegated?(at: number | undefined): void;
}

/** What a reader of a client's lines is told. */
export interface ReaderOptions {
  /** The run's id with the client; without one, of the main conversation. */
  readonly key: string | undefined;
  /** Whether the file's name says that all of it is this run's. */
  readonly isNamed: boolean;
  /** Ids of answers that belong to another transcript. */
  readonly elsewhere: ReadonlySet<string>;
  readonly steps: Steps | undefined;
}

/** What is found out about a run while its transcript is read: each client's reader fills in the same. */
export class RunRecord {
  readonly clock = new WorkClock();
  readonly folders = new WorkingFolders();
  readonly reports = new AcceptedReports();
  readonly seen = new SeenSteps();
  tools = 0;
  toolErrors = 0;
  denied = 0;
  deniedEdits = 0;
  interrupted = 0;
  sessionId: string | undefined;
  /** What the client calls the agent, if its entries say so. */
  agentType: string | undefined;
  /** Of the last turn. */
  failure: Failure | undefined;
  endsInterrupted = false;
  /** Whether any entry could be read: of a version to come that may be none, and then nothing is known. */
  isUnderstood = false;
  #model: string | undefined;

  get model(): string | undefined {
    return this.#model;
  }

  set model(name: string | undefined) {
    if (name !== undefined && modelName.test(name)) this.#model = name;
  }

  /** What the end of a transcript says, if the rest is not read. */
  factsOfEnd(): TranscriptFacts {
    const worked = this.clock.worked();
    const endedBy = this.failure !== undefined ? "api_error" : this.endsInterrupted ? "interrupt" : undefined;
    return {
      ...(this.#model === undefined ? {} : { model: this.#model }),
      ...(typeof worked === "number" ? { duration_s: worked / 1000 } : {}),
      ...(endedBy === undefined ? {} : { ended_by: endedBy }),
    };
  }

  facts(): TranscriptFacts {
    const seen = this.seen.facts();
    const { denied, deniedEdits, interrupted, toolErrors, tools } = this;
    return {
      tools,
      tool_errors: toolErrors,
      denied,
      interrupted,
      ...seen,
      ...(deniedEdits > 0 && seen.edits === 0 ? { ended_by: "denied" as const } : {}),
      ...this.factsOfEnd(),
    };
  }
}

const modelName = /^[\w.:@/-]{1,100}$/;

export function failureOf(errorType: string | undefined, error: string): Failure {
  return { errorType: plainLine(errorType ?? "", 100) || "api_error", error: plainLine(error, 500) };
}
