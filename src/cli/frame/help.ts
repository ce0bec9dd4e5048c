import type { Style } from "../terminal/style.ts";
import { type Command, commandGroups, type FlagSpecs } from "./define-command.ts";
import { commonFlags } from "./parse-arguments.ts";
import { topics } from "./topics.ts";
import { usageOf } from "./usage.ts";

const groups = Object.keys(commandGroups).filter((name): name is keyof typeof commandGroups => name in commandGroups);

const notes = [
  `The files are in DIR/.kaizen/metrics. Without --root, DIR is KAIZEN_PROJECT_ROOT, CLAUDE_PROJECT_DIR, or the nearest
folder upwards with .kaizen, then with .git; without --retention-days, KAIZEN_RETENTION_DAYS counts.`,
  "Without a command, the client on stdin is served, and --version prints the version. Colour is for terminals, by NO_COLOR and FORCE_COLOR.",
  "Exit status: 0; 1 after a failure or where damage was found; 2 after a wrong command, flag or argument.",
];

/**
 * The help for all commands, in chapters.
 *
 * Stands in for the help of citty, which prints by the console and in a layout of its own.
 */
export function overviewHelp(commands: readonly Command[], style: Style): string {
  const listed = commands.filter(({ unlisted }) => !unlisted);
  const width = Math.max(...listed.map(({ name }) => name.length), "help COMMAND".length);
  const chapters = groups.flatMap((group) => {
    const lines = listed.filter((command) => command.group === group);
    if (lines.length === 0) return [];
    const rows = lines.map(({ name, summary }): [string, string] => [name, summary]);
    return [`${commandGroups[group]}:\n${columns(rows, style, { least: width, paint: style.bold })}`];
  });
  return [
    "Usage: kaizen-metrics COMMAND [ARGUMENTS]\n",
    "A project's memory of how well its agents work.\n",
    ...chapters,
    `Common flags:\n${flagLines(commonFlagsOf(commands), style)}`,
    ...notes.map((note) => `${wrapped(note, lineWidth(style))}\n`),
    `Pages of the manual:\n${indented(wrapped(topics.join(", "), lineWidth(style) - 2))}\n`,
    `${style.bold("kaizen-metrics help COMMAND")} explains one, with examples; ${style.bold("help TOPIC")} prints a page.\n`,
  ].join("\n");
}

/** With the commands that have no such flag. */
function commonFlagsOf(commands: readonly Command[]): FlagSpecs {
  return Object.fromEntries(
    Object.entries(commonFlags(undefined)).map(([flag, spec]) => {
      const without = commands.filter((command) => !Object.hasOwn(commonFlags(command), flag));
      const note = without.length === 0 ? "" : `; not with ${without.map(({ name }) => name).join(", ")}`;
      return [flag, { ...spec, description: spec.description + note }];
    }),
  );
}

/** What one command does, takes and is good for. */
export function commandHelp(command: Command, style: Style): string {
  const { details = [], examples, flags, name, positionals, summary } = command;
  const words = Object.entries(positionals).map(([word, spec]): [string, string] => [
    word.toUpperCase(),
    spec.description,
  ]);
  const parts = [
    `Usage: ${style.bold(`kaizen-metrics ${name}`)}${wrappedUsage(usageOf(command), lineWidth(style)).slice(name.length)}\n`,
    `${wrapped(`${summary}.`, lineWidth(style))}\n`,
    ...details.map((paragraph) => `${wrapped(paragraph, lineWidth(style))}\n`),
    ...(words.length === 0 ? [] : [`Arguments:\n${columns(words, style)}`]),
    ...(Object.keys(flags).length === 0 ? [] : [`Flags:\n${flagLines(flags, style)}`]),
    `Common flags:\n${flagLines(commonFlags(command), style)}`,
    ...(examples.length === 0 ? [] : [`Examples:\n${exampleLines(examples, style)}`]),
  ];
  return parts.join("\n");
}

/** How a command is typed: what stands in every error about a line that cannot be meant. */
export function usageLine(command: Command | undefined, style: Style): string {
  if (command === undefined) return "Usage: kaizen-metrics COMMAND [ARGUMENTS]";
  return `Usage: kaizen-metrics ${wrappedUsage(usageOf(command), lineWidth(style))}`;
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, "  ");
}

function flagLines(flags: FlagSpecs, style: Style): string {
  const rows = Object.entries(flags).map(([name, { description, multiple, value }]): [string, string] => [
    `--${name}${value === undefined ? "" : ` ${value}`}`,
    `${description}${multiple ? "; may be given several times" : ""}`,
  ]);
  return columns(rows, style);
}

function exampleLines(examples: Command["examples"], style: Style): string {
  return examples.map(([line, what]) => `  ${style.dim(`# ${what}`)}\n  ${line}\n`).join("");
}

/** Less room than this beside the first column, and the second stands below it. */
const NARROWEST_TEXT = 30;

/** Two columns, of which the second is wrapped. */
function columns(
  rows: readonly (readonly [string, string])[],
  style: Style,
  { least = 0, paint = (left: string) => left } = {},
): string {
  const width = Math.max(least, ...rows.map(([left]) => left.length));
  const isNarrow = lineWidth(style) - width - 4 < NARROWEST_TEXT;
  const indent = " ".repeat(isNarrow ? 6 : width + 4);
  return rows
    .map(([left, right]) => {
      const lines = wrapped(right, lineWidth(style) - indent.length).replaceAll("\n", `\n${indent}`);
      const painted = `  ${paint(left)}`;
      return isNarrow ? `${painted}\n${indent}${lines}\n` : `${painted}${" ".repeat(width - left.length)}  ${lines}\n`;
    })
    .join("");
}

const LONGEST_LINE = 100;

function lineWidth({ width }: Style): number {
  return Math.min(width ?? LONGEST_LINE, LONGEST_LINE);
}

/** Breaks a usage between arguments, and never within the brackets around one; what follows stands below the first. */
function wrappedUsage(usage: string, width: number): string {
  const beside = "Usage: kaizen-metrics ".length + usage.indexOf(" ") + 1;
  const indent = " ".repeat(width - beside < NARROWEST_TEXT ? 4 : beside);
  return usage
    .split("\n")
    .map((line) => {
      const [first = "", ...parts] = line.match(/^\s+|\[[^\]]*\]|\([^)]*\)|\S+/g) ?? [];
      let text = first;
      let column = first.trim() === "" ? first.length : beside;
      for (const part of parts) {
        const breaks = column + part.length + 1 > width;
        text += breaks ? `\n${indent}${part}` : text.trim() === "" ? part : ` ${part}`;
        column = (breaks ? indent.length : column + 1) + part.length;
      }
      return text;
    })
    .join("\n");
}

/** Breaks lines between words. A line that begins with a space is meant as it stands. */
function wrapped(text: string, width: number): string {
  const limit = Math.max(20, width);
  return text
    .replaceAll(/\n(?=\S)/g, " ")
    .split("\n")
    .map((line) => {
      if (line.startsWith(" ")) return line;
      const lines: string[] = [];
      for (const word of line.split(" ")) {
        const last = lines.at(-1);
        if (last !== undefined && last.length + 1 + word.length <= limit) lines[lines.length - 1] = `${last} ${word}`;
        else lines.push(word);
      }
      return lines.join("\n");
    })
    .join("\n");
}
