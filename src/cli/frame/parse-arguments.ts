import { parseArgs } from "node:util";
import { DEFAULT_RETENTION_DAYS } from "../../domain/run/retention.ts";
import { nearestName } from "../../domain/text/nearest-name.ts";
import { KaizenError } from "../../errors.ts";
import { aliases, meantName, otherNames, whatInstead } from "./aliases.ts";
import type { Command, FlagSpec, FlagSpecs, Given } from "./define-command.ts";
import { topics } from "./topics.ts";

const rootFlag = { root: { type: "string", value: "DIR", description: "The project's folder" } } as const;
const retentionFlag = {
  "retention-days": {
    type: "string",
    value: "DAYS",
    description: `How long runs are kept, 0 for ever (default ${DEFAULT_RETENTION_DAYS})`,
  },
} as const satisfies FlagSpecs;

const storeFlag = {
  store: { type: "string", value: "ADDRESS", description: "The team's store, postgres://USER@HOST/DATABASE" },
} as const;

const jsonFlag = { json: { type: "boolean", description: "Print one JSON document" } } as const;
const utcFlag = { utc: { type: "boolean", description: "Show and read times in UTC" } } as const;
const helpFlag = { help: { type: "boolean", description: "Explain the command" } } as const;
const versionFlag = { version: { type: "boolean", description: "Print the version" } } as const;

/** The flags that a command has without naming them; those of any command if none is meant. */
export function commonFlags(command: Pick<Command, "speaksProtocol" | "withoutRetention"> | undefined): FlagSpecs {
  return {
    ...(command?.speaksProtocol ? {} : jsonFlag),
    ...rootFlag,
    ...(command?.withoutRetention ? {} : retentionFlag),
    ...storeFlag,
    ...(command?.speaksProtocol ? {} : utcFlag),
    ...helpFlag,
  };
}

const topFlags: FlagSpecs = { ...helpFlag, ...versionFlag };

const shortFlags: Readonly<Record<string, string>> = { h: "help", v: "version" };

/** What a line means. */
export type Parsed =
  | { readonly kind: "help"; readonly topic: Command | undefined }
  /** A page of the manual. */
  | { readonly kind: "page"; readonly topic: string }
  | { readonly kind: "version" }
  | {
      readonly kind: "command";
      readonly command: Command;
      readonly given: Given;
      readonly json: boolean;
      readonly utc: boolean;
      readonly root: string | undefined;
      readonly retentionDays: string | undefined;
      readonly store: string | undefined;
    };

export interface CommandLine {
  readonly commands: readonly Command[];
  /** What is meant if no command is named. */
  readonly defaultCommand: Command;
  /** Whether a person types: without a word they get the overview in place of the default command. */
  readonly isInteractive: boolean;
}

/**
 * Reads the arguments. Throws INVALID_ARGUMENT for what cannot be meant; looks at nothing but its arguments.
 *
 * Stands in for citty, which accepts unknown flags in silence, and for commander, which does not start in our bundle.
 */
export function parseArguments(args: readonly string[], line: CommandLine): Parsed {
  const { name, rest } = splitCommand(args, line.commands);
  if (name === "help") return explained(rest, line.commands);
  if (name === "version") return { kind: "version" };
  if (name === undefined && args.length === 0 && line.isInteractive) return { kind: "help", topic: undefined };
  const command = name === undefined ? line.defaultCommand : commandNamed(name, line.commands);
  const specs = { ...commonFlags(command), ...(name === undefined ? topFlags : {}), ...command.flags };
  const { flags, positionals } = readTokens(rest, specs, name === undefined ? undefined : command);
  if (flags.help !== undefined) return { kind: "help", topic: name === undefined ? undefined : command };
  if (name === undefined && flags.version !== undefined) return { kind: "version" };
  const { json, root, "retention-days": retentionDays, store, utc, ...own } = flags;
  return {
    kind: "command",
    command,
    given: { flags: own, positionals: namedPositionals(positionals, command) },
    json: json === true,
    utc: utc === true,
    root: typeof root === "string" ? root : undefined,
    retentionDays: typeof retentionDays === "string" ? retentionDays : undefined,
    store: typeof store === "string" ? store : undefined,
  };
}

/** The first word that is no flag and no flag's value, and the line without it. */
function splitCommand(args: readonly string[], commands: readonly Command[]): { name?: string; rest: string[] } {
  // Flags of every command may stand before its name, so the values of all of them have to be told from words.
  const all = { ...flagsBefore(args, commands), ...commonFlags(undefined), ...topFlags };
  const tokens = tokensOf(args, all);
  const word = tokens.find((token) => token.kind === "positional");
  if (word?.kind !== "positional") return { rest: [...args] };
  const before = tokens.find((token) => token.kind === "option" && !Object.hasOwn(all, token.name));
  if (before?.kind === "option" && before.index < word.index) {
    // What follows an unknown flag may be its value: the flag is the mistake.
    throw unknownFlag(before, { ...commonFlags(undefined), ...topFlags }, undefined);
  }
  return { name: word.value, rest: args.toSpliced(word.index, 1) };
}

/** The flags of all commands. One that takes a value in some is a switch all the same before the name of one of the others. */
function flagsBefore(args: readonly string[], commands: readonly Command[]): FlagSpecs {
  const rank = ({ flags, name }: Command, flag: string) => {
    if (flags[flag]?.type === "string") return 1;
    return args[args.indexOf(`--${flag}`) + 1] === name ? 2 : 0;
  };
  const all: Record<string, FlagSpec> = {};
  const ranks = new Map<string, number>();
  for (const command of commands) {
    for (const [flag, spec] of Object.entries(command.flags)) {
      const here = rank(command, flag);
      if (here < (ranks.get(flag) ?? 0)) continue;
      all[flag] = spec;
      ranks.set(flag, here);
    }
  }
  return all;
}

function tokensOf(args: readonly string[], specs: FlagSpecs) {
  const options: Record<string, { type: "string" | "boolean"; short?: string }> = {};
  for (const [name, { short: own, type }] of Object.entries(specs)) {
    // A command may have a flag of the same name that means something else.
    const short = own ?? Object.keys(shortFlags).find((letter) => shortFlags[letter] === name && type === "boolean");
    options[name] = short === undefined ? { type } : { type, short };
  }
  return parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

interface ReadTokens {
  flags: Record<string, string | boolean | readonly string[] | undefined>;
  positionals: string[];
}

function readTokens(args: readonly string[], specs: FlagSpecs, command: Command | undefined): ReadTokens {
  const flags: ReadTokens["flags"] = {};
  const positionals: string[] = [];
  for (const token of tokensOf(args, specs)) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined;
    if (spec === undefined) throw unknownFlag(token, specs, command);
    const before = flags[token.name];
    const value = flagValue(token, spec, command);
    flags[token.name] =
      spec.multiple && typeof value === "string" ? [...(Array.isArray(before) ? before : []), value] : value;
  }
  return { flags, positionals };
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function flagValue(token: OptionToken, spec: FlagSpec, command: Command | undefined): string | boolean {
  if (spec.type === "boolean") {
    if (token.value === undefined) return true;
    throw usageError(`${token.rawName} takes no value.`, command);
  }
  if (token.value === undefined || (!token.inlineValue && token.value.startsWith("--"))) {
    throw usageError(`${token.rawName} needs a value${spec.value === undefined ? "" : `: ${spec.value}`}.`, command);
  }
  return token.value;
}

function unknownFlag({ name, rawName }: OptionToken, specs: FlagSpecs, command: Command | undefined): KaizenError {
  if (command === undefined && Object.hasOwn(jsonFlag, name)) return usageError(`${rawName} needs a command.`);
  const instead = whatInstead(command?.name, name);
  const nearest = nearestName(name, Object.keys(specs));
  const where = command === undefined ? "" : ` of ${command.name}`;
  const meant = instead !== undefined ? `: ${instead}.` : nearest === undefined ? "." : `; did you mean --${nearest}?`;
  return usageError(`${rawName.slice(0, 80)} is not a flag${where}${meant}`, command);
}

function namedPositionals(words: readonly string[], command: Command): Given["positionals"] {
  const specs = Object.entries(command.positionals);
  const rest = specs.findIndex(([, spec]) => spec.rest);
  const [surplus] = rest === -1 ? words.slice(specs.length) : [];
  if (surplus !== undefined) throw usageError(`${JSON.stringify(surplus.slice(0, 80))} is not expected here.`, command);
  const missing = specs.find(([, spec], index) => spec.required && words[index] === undefined);
  if (missing !== undefined) throw usageError(`${command.name} needs ${missing[0].toUpperCase()}.`, command);
  return Object.fromEntries(specs.map(([name], index) => [name, index === rest ? words.slice(index) : words[index]]));
}

/** What a line that begins with `help` asks for: the overview, a command or a page of the manual. */
function explained(args: readonly string[], commands: readonly Command[]): Parsed {
  const token = tokensOf(args, commonFlags(undefined)).find(({ kind }) => kind === "positional");
  const word = token?.kind === "positional" ? token.value : "help";
  if (word === "help") return { kind: "help", topic: undefined };
  const command = commands.find(({ name }) => name === meantName(word));
  if (command !== undefined) return { kind: "help", topic: command };
  if (topics.includes(word)) return { kind: "page", topic: word };
  throw unknownWord(word, "neither a command nor a page of the manual", [
    ...commands.map(({ name }) => name),
    ...topics,
  ]);
}

function commandNamed(name: string, commands: readonly Command[]): Command {
  const found = commands.find((command) => command.name === meantName(name));
  if (found !== undefined) return found;
  const other = Object.hasOwn(otherNames, name) ? otherNames[name] : undefined;
  if (other !== undefined) throw usageError(`"${name}" is not a command; ${other}.`);
  if (topics.includes(name)) throw usageError(`"${name}" is not a command; did you mean help ${name}?`);
  const listed = commands.filter(({ unlisted }) => !unlisted).map((command) => command.name);
  throw unknownWord(name, "not a command", [...listed, ...Object.keys(aliases), "help"]);
}

function unknownWord(word: string, isWhat: string, known: readonly string[]): KaizenError {
  const nearest = nearestName(word, known);
  const meant = nearest === undefined ? "." : `; did you mean ${nearest}?`;
  return usageError(`${JSON.stringify(word.slice(0, 80))} is ${isWhat}${meant}`);
}

/** The error of a line that cannot be meant. */
export function usageError(message: string, command?: Pick<Command, "name">): KaizenError {
  const topic = command === undefined ? "--help" : `${command.name} --help`;
  return new KaizenError("INVALID_ARGUMENT", message, { hint: `See kaizen-metrics ${topic}.` });
}
