import { type Command, commandGroups, type FlagSpecs } from "./define-command.ts";
import { commonFlags, topFlags } from "./parse-arguments.ts";
import type { Style } from "./style.ts";

const groups = Object.keys(commandGroups).filter((name): name is keyof typeof commandGroups => name in commandGroups);

/** What there is, in chapters. */
export function overviewHelp(commands: readonly Command[], style: Style): string {
  const width = Math.max(...commands.map(({ name }) => name.length), "help COMMAND".length);
  const chapters = groups.flatMap((group) => {
    const lines = commands.filter((command) => command.group === group);
    if (lines.length === 0) return [];
    const rows = lines.map(
      ({ name, summary }) => `  ${style.bold(name)}${" ".repeat(width - name.length)}  ${summary}`,
    );
    return [`${commandGroups[group]}:\n${rows.join("\n")}\n`];
  });
  return [
    "Usage: kaizen-metrics COMMAND [ARGUMENTS]\n",
    "A project's memory of how well its agents work.\n",
    ...chapters,
    `Flags of every command:\n${flagLines({ ...commonFlags(undefined), ...topFlags })}`,
    `The figures of one command as people read them, or with --json as programs do; nothing else goes to stdout.
Without a command, a client on stdin is served. The files are in DIR/.kaizen/metrics; without --root, DIR is
KAIZEN_PROJECT_ROOT, CLAUDE_PROJECT_DIR, or the nearest folder upwards with .kaizen, then with .git.
KAIZEN_RETENTION_DAYS stands for --retention-days. Colour: NO_COLOR, FORCE_COLOR.

Exit status: 0, 1 after a failure or where damage was found, 2 after a wrong command, flag or argument.

${style.bold("kaizen-metrics help COMMAND")} explains one, with examples.
`,
  ].join("\n");
}

/** What one command does, takes and is good for. */
export function commandHelp(command: Command, style: Style): string {
  const { details = [], examples, flags, name, positionals, summary, usage } = command;
  const words = Object.entries(positionals).map(([word, spec]): [string, string] => [
    word.toUpperCase(),
    spec.description,
  ]);
  const parts = [
    `Usage: ${style.bold(`kaizen-metrics ${name}`)}${usage.slice(name.length)}\n`,
    `${summary}.\n`,
    ...details.map((paragraph) => `${paragraph}\n`),
    ...(words.length === 0 ? [] : [`Arguments:\n${columns(words)}`]),
    ...(Object.keys(flags).length === 0 ? [] : [`Flags:\n${flagLines(flags)}`]),
    `Common flags:\n${flagLines(commonFlags(command))}`,
    ...(examples.length === 0 ? [] : [`Examples:\n${exampleLines(examples, style)}`]),
  ];
  return parts.join("\n");
}

export function flagLines(flags: FlagSpecs): string {
  return columns(
    Object.entries(flags).map(([name, { description, multiple, value }]) => [
      `--${name}${value === undefined ? "" : ` ${value}`}`,
      `${description}${multiple ? "; may be given several times" : ""}`,
    ]),
  );
}

function exampleLines(examples: Command["examples"], style: Style): string {
  return examples.map(([line, what]) => `  ${style.dim(`# ${what}`)}\n  ${line}\n`).join("");
}

/** Two columns; a long first one does not push the others to the right. */
function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.min(28, Math.max(...rows.map(([left]) => left.length)));
  return rows
    .map(([left, right]) => {
      const gap = left.length > width ? `\n${" ".repeat(width + 4)}` : " ".repeat(width - left.length + 2);
      return `  ${left}${gap}${right}\n`;
    })
    .join("");
}
