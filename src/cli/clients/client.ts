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
}

export interface Setup {
  readonly launch: Launch;
  /** The project's folder. */
  readonly project: string;
  readonly windows: boolean;
  readonly withHooks: boolean;
  /** Whether agents may report without being asked each time, in the settings of a client that asks. */
  readonly allows?: boolean;
  /** Whether the client's status line shows ours, where it has one. */
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
}

/** What is said of a client that has no hooks, or has them in a form that the command `hook` does not speak. */
export const withoutHooksNote =
  "its agents are asked by the server's instructions to call get_brief before and record_execution after a run";
