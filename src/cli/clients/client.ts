import type { Edit } from "./entry/edit.ts";
import type { Launch } from "./entry/launch.ts";

/** A program that speaks MCP, and where and how it wants to be told of a server. */
export interface Client {
  readonly name: string;
  /** As its makers write it. */
  readonly title: string;
  /** What shows that it is used: in the project's folder, and in the home folder. */
  readonly signs: { readonly project: readonly string[]; readonly home: readonly string[] };
  /** The files and our parts of them. */
  parts(setup: Setup): readonly Part[];
  /** Fails if the client could not start what would be written. Comes before adding only, not before removing. */
  expectStartable?(setup: Setup): void;
  /** What to do in the client then, in order. */
  nextSteps(setup: Setup): readonly string[];
  /** A first thing to try, once it is connected. */
  readonly firstTry: string;
  /** The hooks without which no run of a subagent is seen; left out where a client has no such hooks. */
  readonly neededHooks?: readonly string[];
  /** Whether its makers do not say in which folder it starts a server: every path is a whole one then. */
  readonly startsAnywhere?: true;
  /** For a client that keeps its servers outside of every project, where `init` does not write. */
  paste?(setup: Setup): Paste;
}

/** What a person puts into a file of their own. */
interface Paste {
  readonly where: string;
  readonly text: string;
}

export interface Setup {
  readonly launch: Launch;
  /** The project's folder. */
  readonly project: string;
  readonly windows: boolean;
  readonly withHooks: boolean;
  /** Whether agents may report without being asked each time, in the settings of a client that asks. */
  readonly allows?: boolean;
  /** Whether the client's status line shows ours, if it has one. */
  readonly statusLine?: boolean;
  /** The text of the skill that closes the loop; `undefined` if it does not lie beside the program. */
  readonly skill?: string | undefined;
  /** Flags for the server and for every hook: all of them have to agree on how long runs are kept. */
  readonly flags: readonly string[];
}

export interface Part {
  /** From the project's folder, with `/`. */
  readonly file: string;
  readonly edits: readonly Edit[];
  /** Whether another client reads the same part: it says nothing of which of them is connected, and stays for the other. */
  readonly isShared?: true;
}

/** What is said of a client that has no hooks for subagents. */
export const withoutHooksNote =
  "its agents are asked by the server's instructions to call get_brief before and record_execution after a run";
