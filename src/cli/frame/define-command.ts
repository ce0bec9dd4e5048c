import type { Environment, StoreSettings } from "../../config.ts";
import type { Kaizen } from "../../kaizen/kaizen.ts";
import type { Log } from "../../log.ts";
import type { Machine, ProjectRoot } from "../../project-root.ts";
import type { StoreChoice } from "../../team/choice.ts";
import type { RootTrust } from "../../trust/root-trust.ts";
import type { StoreTrust } from "../../trust/store-trust.ts";
import type { Progress } from "../terminal/progress.ts";
import type { Style } from "../terminal/style.ts";

/** The chapters of the overview, in order. */
export const commandGroups = {
  report: "Report runs",
  read: "Read what is known",
  advise: "Advise",
  files: "Look after the files",
  connect: "Connect clients",
} as const;

type CommandGroup = keyof typeof commandGroups;

export interface FlagSpec {
  readonly type: "string" | "boolean";
  /** What stands for the value in the help, e.g. `DIR`; only of a flag that takes one. */
  readonly value?: string;
  readonly description: string;
  /** One letter for it, e.g. `n`. */
  readonly short?: string;
  /** Whether it may be given several times; every value counts then, and without this the last one. */
  readonly multiple?: true;
  /** Whether the command needs it, or the one that it excludes; the command itself says so where neither is there. */
  readonly required?: true;
  /** A flag that it excludes. */
  readonly or?: string;
  /** Every value that it takes, if there are few: the usage has them in the place of `value`. */
  readonly choices?: readonly string[];
  /** What the usage has in the place of all flags of one kind, e.g. `FILTERS`. */
  readonly within?: string;
}

export type FlagSpecs = Readonly<Record<string, FlagSpec>>;

interface PositionalSpec {
  readonly required?: true;
  /** Takes every further word; only of the last one. */
  readonly rest?: true;
  /** A flag that it excludes: one of the two is needed. */
  readonly or?: string;
  /** Every word that it can be. */
  readonly choices?: readonly string[];
  readonly description: string;
}

/** In the order in which they stand on the line. The help shows a name in capitals. */
export type PositionalSpecs = Readonly<Record<string, PositionalSpec>>;

/** What a command gets of a flag. If nothing more is known of the command, a flag is of any kind. */
type FlagValue<S extends FlagSpec> = FlagSpec extends S
  ? string | boolean | readonly string[]
  : S["type"] extends "boolean"
    ? boolean
    : S["multiple"] extends true
      ? readonly string[]
      : string;

/** What a command gets of a word on the line. If nothing more is known of the command, a word is of any kind. */
type PositionalValue<S extends PositionalSpec> = PositionalSpec extends S
  ? string | readonly string[] | undefined
  : S["rest"] extends true
    ? readonly string[]
    : S["required"] extends true
      ? string
      : string | undefined;

/** What was typed. A flag that was not given is `undefined`; a boolean one that was is `true`. */
export interface Given<F extends FlagSpecs = FlagSpecs, P extends PositionalSpecs = PositionalSpecs> {
  readonly flags: { readonly [K in keyof F]: FlagValue<F[K]> | undefined };
  readonly positionals: {
    readonly [K in keyof P]: PositionalValue<P[K]>;
  };
}

/** Told how many bytes were read, before anything is made of them. */
export type OnRead = (bytes: number) => void;

export interface CommandDefinition<F extends FlagSpecs, P extends PositionalSpecs> {
  /** As it is typed, and the name of its file. */
  readonly name: string;
  readonly group: CommandGroup;
  /** Set for the old name of a command: it works, and no overview shows it. */
  readonly unlisted?: true;
  /** One line for the overview. */
  readonly summary: string;
  /** What follows `kaizen-metrics`, for a command of several forms; of every other it follows from what it takes. */
  readonly usage?: string;
  /** Common flags that the usage names, where they are what the command is mostly given. */
  readonly usedWith?: readonly ("root" | "retention-days" | "store")[];
  /** Paragraphs for the command's own help, which wraps them; a line that begins with a space stays as it is. */
  readonly details?: readonly string[];
  /** On top of the common flags; see `commonFlags`. */
  readonly flags: F;
  readonly positionals: P;
  readonly examples: readonly (readonly [command: string, what: string])[];
  /** Set where it does not matter how long runs are kept: there is no --retention-days then. */
  readonly withoutRetention?: true;
  /** Set where stdout belongs to a program that runs the command, in that program's own form: there is no --json then. */
  readonly speaksProtocol?: true;
  /** Set where a program runs the command that would take any status but 0 for an order: errors are told on stderr only. */
  readonly alwaysExitZero?: true;
  /** Set where a client waits for the command, so that the store hurries: told how much it reads. */
  readonly onRead?: OnRead;
  run(given: Given<F, P>, context: CommandContext): Promise<Outcome>;
}

/** A command is data and one function from what was typed to an outcome. */
export type Command = CommandDefinition<FlagSpecs, PositionalSpecs>;

export interface Outcome {
  /** Printed by --json, as one JSON document. */
  readonly value: unknown;
  /** What people read, with its last newline; "" prints nothing. */
  text(style: Style): string;
  /** Said on stderr after the text: how to get on, and whatever else is no result. */
  readonly note?: string;
  /** 0 unless the command says otherwise. */
  readonly exitCode?: number;
}

export interface CommandContext {
  /** The project's folder, by the same rules as for the server, only that there is no client to ask. Found once. */
  project(): Promise<ProjectRoot>;
  /** The use cases over the project's files. Opened once; closed when the command is done. */
  kaizen(): Promise<Kaizen>;
  /** The use cases as if no run ever expired, to tell which runs have. For reading only. */
  unexpired(): Promise<Kaizen>;
  /** The use cases over another project of the same team's store, to look at. Closed when the command is done. */
  kaizenOf(project: string): Promise<Kaizen>;
  /** What the user of this machine trusts of the project. */
  trust(): Promise<RootTrust>;
  /** The team's store that the user of this machine has confirmed for the project. */
  storeTrust(): Promise<StoreTrust>;
  /** Which store the project has: its folder, or a team's. Fails with `NO_STORE` if it has a team's, and nothing says where. */
  store(): Promise<StoreChoice>;
  /** What says where a team's store is. */
  readonly storeSettings: StoreSettings;
  /** What --root says. */
  readonly root: string | undefined;
  /** What --retention-days says. */
  readonly retentionDays: string | undefined;
  readonly environment: Environment;
  readonly machine: Machine;
  readonly version: string;
  /** The program's own file, for configurations that name it. */
  readonly script: string;
  /** A file that comes with the program, by its path from the program's own folder. Fails with IO_ERROR. */
  readBeside(name: string): Promise<string>;
  /** Whether --json was given. */
  readonly json: boolean;
  /** Whether --utc was given: times are typed and shown in UTC then. */
  readonly utc: boolean;
  /** An instant as a command shows it in a text without colours. */
  when(timestamp: string | null): string;
  /** What comes on stdin, some bytes at a time, and whether a person would have to type it. */
  readonly stdin: {
    readonly isTerminal: boolean;
    chunks(): AsyncIterable<Buffer>;
    /** Whether a terminal gives each key at once, Ctrl-C too, and shows none; missing if it cannot. */
    setRaw?(isRaw: boolean): void;
  };
  /** Everything on stdin, as UTF-8. Fails with INVALID_ARGUMENT if that is more bytes than are wanted. */
  readStdin(maxBytes?: number): Promise<string>;
  /** The current instant in ms. */
  now(): number;
  /** A number from 0 on and below 1, another each time. */
  random(): number;
  readonly progress: Progress;
  readonly log: Log;
  /** Writes to stdout at once, for a command that speaks a protocol; whatever else a command says is its outcome. */
  print(text: string): Promise<void>;
  /** Writes a question for who sits at a terminal, before the outcome is known: in its colours, and no wider than it is. */
  ask(question: (style: Style) => string): Promise<void>;
  /** Whether the reader of stdout has seen enough and gone: then there is nothing more to print. */
  isReaderGone(): boolean;
  /** Serves a client on stdin and stdout until it goes away, and gives the exit status. */
  serve(): Promise<number>;
}

/**
 * Ties the types of flags and positionals to what `run` gets.
 *
 * Stands in for citty, which rewrites flags that begin with `--no-`, and for commander, which types no flags by itself.
 */
export function defineCommand<const F extends FlagSpecs, const P extends PositionalSpecs>(
  definition: CommandDefinition<F, P>,
): Command {
  return definition;
}

/** The project's folder by its real path: what is kept of it outside, and what git calls it, goes by that. */
export async function realRoot({ machine, project }: Pick<CommandContext, "machine" | "project">): Promise<string> {
  return machine.realPath((await project()).path);
}
