import type { Step } from "../model/script.ts";
import type { Ended, User } from "../user.ts";

/** A program that is tried: what npm installs of it, and what `init` makes for it. */
export interface Installable {
  /** By this `npm run clients -- NAME` means it. */
  readonly name: string;
  readonly title: string;
  /** Exact versions; the first package is the client. */
  readonly packages: Readonly<Record<string, string>>;
  /** The file in `node_modules` that is started. */
  readonly program: string;
  /** The clients for which `init` is run: itself, or those whose files it reads. */
  readonly initAs: readonly string[];
  /** Whether our program lies in the project's node_modules, so that files name it from the project's folder. */
  readonly isLocal?: boolean;
}

/** How a client is started. */
export interface Start {
  readonly program: string;
  /** Node.js as the client wants it. */
  readonly node: string;
  readonly user: User;
}

/** A client that speaks with a model, and how it has an agent do something. */
export interface AgentClient extends Installable {
  /** Tells it of the agent and of the model, in its own files. */
  prepare(user: User, modelUrl: string): void;
  /** The line that has it answer one prompt without a terminal, and end. */
  line(of: Start, prompt: string): readonly string[];
  env(of: Start, modelUrl: string): Record<string, string>;
  /** The calls by which its main model has the agent do something, and waits for it. */
  delegate(prompt: string): readonly Step[];
  /** For what hooks of ours speak and see. */
  readonly hooks: {
    readonly session: boolean;
    readonly subagents: boolean;
    /** Whether one is called if an error of the model's server ends a subagent. */
    readonly failures: boolean;
  };
  /** Whether the model's server refuses the agent's first request. */
  readonly isRefused?: boolean;
  /** The lines with which it says that something failed, of its log and of what it printed. */
  complaints(user: User, ended: Ended): string[];
}

/** A client that a person leads from call to call: it has no model. */
export interface ToolClient extends Installable {
  /** The line that lists the tools. */
  list(of: Start): readonly string[];
  /** The line that calls one. */
  call(of: Start, tool: string, args: Readonly<Record<string, string>>): readonly string[];
}

/** The agent that is tried, under one name in all clients. */
export const AGENT = "reviewer";
export const ABOUT_AGENT = "Reviews what it is told to";

/** The lines of a text that a pattern finds. */
export function linesWith(text: string, pattern: RegExp): string[] {
  return text.split("\n").filter((line) => pattern.test(line));
}
