import { type Environment, readSettings, type Settings } from "../config.ts";
import { KaizenError } from "../errors.ts";
import type { Kaizen } from "../kaizen/kaizen.ts";
import type { Log } from "../log.ts";
import type { Machine, ProjectRoot } from "../project-root.ts";
import type { StoreChoice } from "../team/choice.ts";
import type { RootTrust } from "../trust/root-trust.ts";
import type { StoreTrust } from "../trust/store-trust.ts";
import { serve } from "./commands/connect/serve.ts";
import { meantName } from "./frame/aliases.ts";
import type { Command, CommandContext, OnRead, Outcome } from "./frame/define-command.ts";
import { exitCodeOf, tellError } from "./frame/failure.ts";
import { commandHelp, overviewHelp, usageLine } from "./frame/help.ts";
import { jsonDocument } from "./frame/json-document.ts";
import { type Parsed, parseArguments } from "./frame/parse-arguments.ts";
import { textFrom } from "./input/stdin-text.ts";
import { createProgress } from "./terminal/progress.ts";
import { forTerminal, type Sink, type Style, styleFor } from "./terminal/style.ts";

/** Everything that the command line touches; `main.ts` decides what it is. */
export interface RunOptions {
  /** What was typed behind the program's name. */
  readonly args: readonly string[];
  /** The commands that may be meant by it. */
  commandsFor(args: readonly string[]): Promise<readonly Command[]>;
  readonly environment: Environment;
  readonly machine: Machine;
  readonly version: string;
  /** The program's own file. */
  readonly script: string;
  readonly stdin: CommandContext["stdin"];
  readonly stdout: OutputSink;
  readonly stderr: Sink & { write(text: string): void };
  readonly log: Log;
  /** The current instant in ms. */
  now(): number;
  /** A number from 0 on and below 1, another each time. */
  random(): number;
  /** A file that comes with the program, by its path from the program's own folder. */
  readBeside(name: string): Promise<string>;
  findProject(settings: Settings): Promise<ProjectRoot>;
  /** `other` is another project of the same team's store. */
  openKaizen(project: ProjectRoot, settings: Settings, onRead?: OnRead, other?: string): Kaizen | Promise<Kaizen>;
  openTrust(project: ProjectRoot): RootTrust | Promise<RootTrust>;
  openStoreTrust(project: ProjectRoot): StoreTrust | Promise<StoreTrust>;
  chooseStore(project: ProjectRoot, settings: Settings): StoreChoice | Promise<StoreChoice>;
  serve(settings: Settings): Promise<number>;
}

interface OutputSink extends Sink {
  /** Resolves once the text was taken, also if the reader has gone. */
  write(text: string): Promise<void>;
  /** Whether the reader has gone. */
  isGone?(): boolean;
}

type ParsedCommand = Extract<Parsed, { kind: "command" }>;

/** Does what was typed, and gives the exit status: 0, 1 after a failure, 2 where the line cannot be meant. */
export async function run(options: RunOptions): Promise<number> {
  const commands = await options.commandsFor(options.args);
  let parsed: Parsed | undefined;
  try {
    parsed = parseArguments(options.args, {
      commands,
      defaultCommand: serve,
      isInteractive: options.stdin.isTerminal,
    });
    const style = styleFor(options.stdout, options.environment, { utc: parsed.kind === "command" && parsed.utc });
    if (parsed.kind === "version") {
      await options.stdout.write(`${options.version}\n`);
      return 0;
    }
    if (parsed.kind === "help") {
      const { topic } = parsed;
      const help = topic === undefined ? overviewHelp(commands, style) : commandHelp(topic, style);
      await options.stdout.write(await fitted(help, style));
      return 0;
    }
    if (parsed.kind === "page") {
      const page = await options.readBeside(`manual/${parsed.topic}.md`);
      await options.stdout.write(options.stdout.isTerminal ? await fitted(forTerminal(page), style) : page);
      return 0;
    }
    const { json } = parsed;
    return await runCommand(parsed, options, async ({ exitCode = 0, note, text, value }) => {
      const shown = async (said: string) => (options.stdout.isTerminal ? fitted(forTerminal(said), style) : said);
      await answerWith(json ? jsonDocument(value) : await shown(text(style)), options.stdout);
      if (note !== undefined && !json) options.log.info(note);
      return exitCode;
    });
  } catch (error) {
    const command = parsed?.kind === "command" ? parsed : undefined;
    const isHook = alwaysExitZero(parsed, options.args, commands);
    // Who runs a command that never fails reads no documents: a line has to do.
    const json = !isHook && (command === undefined ? options.args.includes("--json") : command.json);
    tellError(error, { json, log: options.log, write: (text) => options.stderr.write(text) });
    const exitCode = exitCodeOf(error, { root: command?.root });
    if (exitCode === 2 && !json && !isHook) {
      const meant = command?.command ?? namedCommand(options.args, commands);
      const errorStyle = styleFor(options.stderr, options.environment);
      options.stderr.write(`${await fitted(usageLine(meant, errorStyle), errorStyle)}\n`);
    }
    return isHook ? 0 : exitCode;
  }
}

/** Who sees a failure does the same again, and would record a second run: that nothing but the answer is lost is said. */
async function answerWith(text: string, stdout: OutputSink): Promise<void> {
  try {
    await stdout.write(text);
  } catch (error) {
    if (!(error instanceof KaizenError)) throw error;
    const hint = "Only the answer is lost: what the command was to do is done.";
    throw new KaizenError(error.code, error.message, { hint, cause: error });
  }
}

/** A text with no line wider than the terminal. What breaks lines is loaded for a terminal alone: no hook has one. */
async function fitted(text: string, { width }: Style): Promise<string> {
  return width === undefined ? text : (await import("./terminal/text-width.ts")).fitToWidth(text, width);
}

/** Writes messages for who sits at a terminal, broken at words where its lines end. */
export async function terminalWriter(stderr: {
  readonly columns?: number;
  write(text: string): unknown;
}): Promise<(text: string) => void> {
  const { wrapped } = await import("./terminal/text-width.ts");
  const { width } = styleFor({ isTerminal: true, columns: stderr.columns }, {});
  return (text) => {
    const lines = text.split("\n").flatMap((line) => wrapped(line, width));
    stderr.write(lines.join("\n"));
  };
}

/** A line that could not be read is that of the first command which it names. */
function alwaysExitZero(parsed: Parsed | undefined, args: readonly string[], commands: readonly Command[]): boolean {
  const command = parsed?.kind === "command" ? parsed.command : namedCommand(args, commands);
  return command?.alwaysExitZero === true;
}

function namedCommand(args: readonly string[], commands: readonly Command[]): Command | undefined {
  return args.flatMap((arg) => commands.find(({ name }) => name === meantName(arg)) ?? []).at(0);
}

/** Answers before it closes what was opened: a store may have a large log to look after, which is no part of the answer. */
async function runCommand(
  parsed: ParsedCommand,
  options: RunOptions,
  answer: (outcome: Outcome) => Promise<number>,
): Promise<number> {
  const { environment, log, machine, script, stdin, version } = options;
  const settings = readSettings(parsed, environment);
  const { columns, isTerminal, write } = options.stderr;
  const progress = createProgress({ now: options.now, columns, isTerminal, write });
  let project: Promise<ProjectRoot> | undefined;
  const opened: Promise<Kaizen>[] = [];
  const findProject = () => {
    project ??= options.findProject(settings);
    return project;
  };
  const opener = (retention: Settings["retentionDays"]) => {
    let kaizen: Promise<Kaizen> | undefined;
    return () => {
      if (kaizen !== undefined) return kaizen;
      const { onRead } = parsed.command;
      kaizen = findProject().then((found) =>
        options.openKaizen(found, { ...settings, retentionDays: retention }, onRead),
      );
      opened.push(kaizen);
      return kaizen;
    };
  };
  const context: CommandContext = {
    project: findProject,
    kaizen: opener(settings.retentionDays),
    unexpired: opener({ value: null, source: "the command" }),
    kaizenOf: (other) => {
      const kaizen = findProject().then(async (found) => options.openKaizen(found, settings, undefined, other));
      opened.push(kaizen);
      return kaizen;
    },
    trust: () => findProject().then((found) => options.openTrust(found)),
    storeTrust: () => findProject().then((found) => options.openStoreTrust(found)),
    store: () => findProject().then((found) => options.chooseStore(found, settings)),
    storeSettings: settings.store,
    root: parsed.root,
    retentionDays: parsed.retentionDays,
    environment,
    machine,
    version,
    script,
    readBeside: (name) => options.readBeside(name),
    json: parsed.json,
    utc: parsed.utc,
    when: styleFor({ isTerminal: false, columns: undefined }, {}, { utc: parsed.utc }).when,
    stdin,
    readStdin: (maxBytes = Number.POSITIVE_INFINITY) => textFrom(stdin.chunks(), maxBytes),
    now: () => options.now(),
    random: () => options.random(),
    progress,
    log,
    print: (text) => options.stdout.write(text),
    ask: async (question) => {
      const style = styleFor(options.stdout, environment, { utc: parsed.utc });
      await options.stdout.write(await fitted(forTerminal(question(style)), style));
    },
    isReaderGone: () => options.stdout.isGone?.() ?? false,
    serve: () => options.serve(settings),
  };
  try {
    const outcome = await parsed.command.run(parsed.given, context);
    progress.clear();
    return await answer(outcome);
  } finally {
    progress.clear();
    await closeAll(opened, log);
  }
}

const SILENT_CLOSE_MS = 2_000;

async function closeAll(opened: readonly Promise<Kaizen>[], log: Log): Promise<void> {
  const said = setTimeout(() => {
    log.info("what was recorded is on disk; expired runs are being taken out of a large log, which may be interrupted");
  }, SILENT_CLOSE_MS);
  try {
    for (const one of opened) {
      // Where it could not be opened there is nothing to close, and the command has failed with the reason.
      const kaizen = await one.catch(() => undefined);
      await kaizen?.close();
    }
  } finally {
    clearTimeout(said);
  }
}
