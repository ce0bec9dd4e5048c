import { type Operator, type ShellPart, shellParts } from "./shell-words.ts";
import { bareWords } from "./wrappers.ts";

/** A program that a line of a shell has started. */
export interface Command {
  /** The program's name, without its folder, and what was handed to it: none are left if it only set variables. */
  readonly words: readonly string[];
  /** The files that its output went to. */
  readonly writes: readonly string[];
  readonly heredoc: string;
  readonly after: Operator;
  /** Behind a `!`, which turns its exit status round. */
  readonly negated: boolean;
}

export interface CommandLine {
  readonly commands: readonly Command[];
  /** Whether the exit status of a pipe is that of any command in it. */
  readonly pipefail: boolean;
}

const shell = /^(?:bash|sh|zsh|dash|ksh)$/;
/** More commands than these no agent writes in a line by itself. */
const MOST_COMMANDS = 1000;

/**
 * The commands in a line of a shell, in their order. A shell in it that gets a line of its own (`bash -lc "…"`, or by a
 * heredoc), and a variable that is set to the output of one, stand for the commands of that line: one level deep.
 */
export function readCommandLine(line: string): CommandLine {
  const outer = shellParts(line).slice(0, MOST_COMMANDS).map(commandOf);
  const commands = outer.flatMap((command) => innerCommands(command) ?? [command]).slice(0, MOST_COMMANDS);
  return { commands, pipefail: outer.some(setsPipefail) || commands.some(setsPipefail) };
}

function commandOf({ words, ...part }: ShellPart): Command & { readonly raw: readonly string[] } {
  return { ...part, words: bareWords(words), raw: words, negated: words.includes("!") && isNegated(words) };
}

/** Only words that open a block may stand before it. */
function isNegated(words: readonly string[]): boolean {
  return words
    .slice(0, words.indexOf("!"))
    .every((word) => /^(?:if|elif|while|until|then|else|do|\{|time)$/.test(word));
}

function innerCommands(command: Command & { readonly raw: readonly string[] }): Command[] | undefined {
  const line = innerLine(command);
  if (line === undefined) return undefined;
  const inner = shellParts(line).map(commandOf);
  const last = inner.pop();
  if (last === undefined) return [];
  // The group ends as its last command does, and what follows the group follows that.
  const { after, negated, writes } = command;
  const end = { after: last.after === "&" ? last.after : after, negated: negated || last.negated };
  return [...inner, { ...last, ...end, writes: [...last.writes, ...writes] }];
}

function innerLine({ heredoc, raw, words }: Command & { readonly raw: readonly string[] }): string | undefined {
  const [program = "", ...args] = words;
  if (words.length === 0) return /^\w+="?\$\(([\s\S]*)\)"?$/.exec(raw.at(-1) ?? "")?.[1];
  if (!shell.test(program)) return undefined;
  const at = args.findIndex((arg) => /^-[a-z]*c$/.test(arg));
  if (at >= 0) return args[at + 1];
  return heredoc !== "" && args.every((arg) => arg.startsWith("-")) ? heredoc : undefined;
}

/** `set -o pipefail` in whatever company, or a shell that is started with it. */
function setsPipefail({ words: [program = "", ...args] }: Command): boolean {
  return (
    (program === "set" || shell.test(program)) &&
    args.some((arg, at) => arg === "pipefail" && /^-\w*o$/.test(args[at - 1] ?? ""))
  );
}
