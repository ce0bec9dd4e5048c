import { expect, test } from "vitest";
import { allCommands, serve } from "../../../src/cli/commands/index.ts";
import { commandHelp, overviewHelp } from "../../../src/cli/frame/help.ts";
import { commonFlags, type Parsed, parseArguments } from "../../../src/cli/frame/parse-arguments.ts";
import { plainStyle } from "../../../src/cli/terminal/style.ts";
import { KaizenError } from "../../../src/errors.ts";

const commands = await allCommands();

function parse(line: string, isInteractive = false): Parsed {
  const args = line === "" ? [] : line.split(" ");
  return parseArguments(args, { commands, defaultCommand: serve, isInteractive });
}

/** What a line means, in short. */
function meaning(line: string, isInteractive = false): string {
  const parsed = parse(line, isInteractive);
  if (parsed.kind === "page") return `page ${parsed.topic}`;
  if (parsed.kind === "help") return `help ${parsed.topic?.name ?? ""}`.trim();
  if (parsed.kind === "version") return parsed.kind;
  const { command, given, json, retentionDays, root } = parsed;
  const shown = Object.entries({ ...given.positionals, ...given.flags, json: json || undefined, root, retentionDays });
  const words = shown.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
  return [command.name, ...words].join(" ");
}

function refusal(line: string): string {
  try {
    return meaning(line);
  } catch (error) {
    if (error instanceof KaizenError) return error.message;
    throw error;
  }
}

test.each([
  ["", "serve"],
  ["--root /a --retention-days 90", "serve root=/a retentionDays=90"],
  ["--root=/a", "serve root=/a"],
  ["--root /a --root /b", "serve root=/b"],
  ["serve --root /a", "serve root=/a"],
  ["--root /a serve", "serve root=/a"],
  ["--help", "help"],
  ["-h", "help"],
  ["help", "help"],
  ["help help", "help"],
  ["help summary", "help summary"],
  ["help hook", "help hook"],
  ["help hooks", "page hooks"],
  ["help adr-004 --root /a", "page adr-004"],
  ["summary --help", "help summary"],
  ["summary x -h", "help summary"],
  ["--version", "version"],
  ["-v", "version"],
  ["summary", "summary"],
  ["summary reviewer --json", "summary agent=reviewer json=true"],
  ["--json --since 2026-11-01 summary reviewer", "summary agent=reviewer since=2026-11-01 json=true"],
  ["summary --version 3", "summary version=3"],
  ["record a --success --quality-score -1", "record agent=a success=true quality-score=-1"],
  ["record a --failure --set a=1 --set b=2", "record agent=a failure=true set=a=1,b=2"],
  ["record -- --odd", "record agent=--odd"],
  ["record a --file -", "record agent=a file=-"],
])("%j means %j", (line, expected) => {
  expect(meaning(line)).toBe(expected);
});

test("a person who types nothing gets the overview; with flags the old form serves for a person, too", () => {
  expect(meaning("", true)).toBe("help");
  expect(meaning("--root /a --retention-days 90", true)).toBe("serve root=/a retentionDays=90");
});

test.each([
  ["--rot /a", "--rot is not a flag; did you mean --root?"],
  ["--colour", "--colour is not a flag."],
  ["--json", "--json needs a command."],
  ["--root", "--root needs a value: DIR."],
  ["--root --version", "--root needs a value: DIR."],
  ["summry", '"summry" is not a command; did you mean summary?'],
  ["frobnicate", '"frobnicate" is not a command.'],
  ["help summry", '"summry" is neither a command nor a page of the manual; did you mean summary?'],
  ["help setings", '"setings" is neither a command nor a page of the manual; did you mean settings?'],
  ["settings", '"settings" is not a command; did you mean help settings?'],
  ["summary --sinse 2026", "--sinse is not a flag of summary; did you mean --since?"],
  ["summary --json=yes", "--json takes no value."],
  ["summary a b", '"b" is not expected here.'],
  ["brief", "brief needs AGENT."],
  ["serve --json", "--json is not a flag of serve."],
  ["where --version", "--version is not a flag of where."],
  ["where --retention-days 30", "--retention-days is not a flag of where."],
])("%j is refused: %s", (line, sentence) => {
  expect(refusal(line)).toBe(sentence);
});

test("flags of one name are of one kind in every command, so that they can stand before its name", () => {
  const kinds = new Map<string, string>();
  for (const command of commands) {
    for (const [name, { type }] of Object.entries({ ...commonFlags(undefined), ...command.flags })) {
      // A number where it is set; a switch where the holdout is asked about, or git is to share the runs; and the last run.
      if (["holdout", "share", "last"].includes(name)) continue;
      expect(`${command.name} --${name}: ${kinds.get(name) ?? type}`).toBe(`${command.name} --${name}: ${type}`);
      kinds.set(name, type);
    }
  }
});

test("a flag that takes a value in one command only is told from a switch before the name of another", () => {
  expect(parse("--holdout summary tester")).toMatchObject({
    command: { name: "summary" },
    given: { flags: { holdout: true } },
  });
  expect(parse("--holdout 0.1 init")).toMatchObject({
    command: { name: "init" },
    given: { flags: { holdout: "0.1" } },
  });
});

test("the overview says of every common flag which commands have it not", () => {
  const rows = overviewHelp(commands, plainStyle).split("\nCommon flags:\n")[1]?.split("\n\n")[0] ?? "";
  const flags = [...rows.replaceAll(/\n {4,}/g, " ").matchAll(/^ {2}--([a-z-]+)(?: [A-Z]+)? {2,}(.*)$/gm)];
  expect(flags.length).toBeGreaterThan(3);
  for (const [, flag = "", said = ""] of flags) {
    const without = commands.filter((command) => !Object.hasOwn(commonFlags(command), flag)).map(({ name }) => name);
    expect(`--${flag}: ${/; not with (.*)$/.exec(said)?.[1] ?? ""}`).toBe(`--${flag}: ${without.join(", ")}`);
    for (const { name, positionals } of commands) {
      const words = Object.values(positionals).flatMap(({ required }) => (required ? ["x"] : []));
      const line = [name, ...words, `--${flag}`, ...(said.startsWith("Print") || flag === "help" ? [] : ["7"])].join(
        " ",
      );
      const refused = /is not a flag/.test(refusal(line));
      expect(`${line}: ${refused}`).toBe(`${line}: ${without.includes(name)}`);
    }
  }
});

test("the overview names every command, and each command's help every flag, with examples that can be meant", () => {
  const overview = overviewHelp(commands, plainStyle);
  for (const command of commands) {
    expect(overview.includes(`  ${command.name} `)).toBe(!command.unlisted);
    const help = commandHelp(command, plainStyle);
    expect(help).toMatch(new RegExp(`^Usage: kaizen-metrics ${command.name}\\b`));
    for (const flag of Object.keys({ ...commonFlags(command), ...command.flags }))
      expect(help).toContain(`  --${flag}`);
    expect(command.summary).toMatch(/^[A-Z].*[^.]$/);
    expect(command.examples.length).toBeGreaterThan(0);
    for (const line of help.split("\nExamples:")[0]?.split("\n") ?? [])
      expect(line.length, line).toBeLessThanOrEqual(118);
    for (const [example] of command.examples) {
      const typed = /(?:^(?:[A-Z_]+=\S+ )?|[|(]\s*)kaizen-metrics ([^|<>)]*)/.exec(example)?.[1]?.trim() ?? "";
      const words = [...typed.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? "");
      const parsed = parseArguments(words, { commands, defaultCommand: serve, isInteractive: false });
      expect(parsed.kind === "command" ? parsed.command.name : parsed.kind, example).toBe(command.name);
    }
  }
});
