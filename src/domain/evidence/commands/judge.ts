import { type Closing, closingOf, plainOutput } from "./closing-lines.ts";
import { type Command, type CommandLine, readCommandLine } from "./command-line.ts";
import { failingTests } from "./failing-tests.ts";
import { type CommandKind, kindOf } from "./runners.ts";

/** A command that ended, as the client's record has it. */
export interface CommandStep {
  readonly kind: "cmd";
  readonly command: string;
  readonly output: string;
  /** `null` if it is unknown. */
  readonly exit: number | null;
  /** Where it ran, if that is known. */
  readonly cwd?: string | undefined;
}

type How =
  | "exit"
  | "summary"
  | "exit+summary"
  /** It ended badly although no test failed: too little is covered, say. */
  | "exit against summary"
  | "summary against exit"
  | "no tests ran"
  | "not run"
  | "not run to its end"
  | "exit hidden, no summary";

export interface Judgement {
  readonly type: CommandKind["type"];
  /** The runner as facts name it; empty for a check. */
  readonly runner: string;
  readonly outcome: "pass" | "fail" | "none";
  readonly how: How;
  /** By the closing lines, if there were any. */
  readonly closing: Closing | undefined;
  /** Equal for commands that run the same tests, whatever they print of them. */
  readonly same: string;
  /** See `failingTests`; empty unless tests failed. */
  readonly failing: ReadonlySet<string> | undefined;
}

/** Of a longer result only so much is looked at, most of it at the end, where runners say how it went. */
const LONGEST_OUTPUT = 256 * 1024;
const HEAD_OF_OUTPUT = 4 * 1024;

/** What the tests or checks in a line of a shell came to; `undefined` if there are none in it. */
export function judge(step: CommandStep, line = readCommandLine(step.command)): Judgement | undefined {
  const found = commandJudged(line);
  if (found === undefined) return undefined;
  const { at, kind } = found;
  const runner = kind.type === "test" ? kind.runner : "";
  const output = plainOutput(withinLimit(step.output));
  const closing = kind.type === "test" ? closingOf(output) : undefined;
  const speaks = step.exit !== null && exitSpeaks(line, at);
  const verdict = outcomeOf({
    output,
    closing,
    runner,
    exit: speaks ? step.exit : null,
    isLast: at === line.commands.length - 1,
  });
  const failing = verdict.outcome === "fail" && kind.type === "test" ? failingTests(output) : noNames;
  return { ...verdict, type: kind.type, runner, closing, failing, same: sameTests(line, kind.type) };
}

const noNames: ReadonlySet<string> = new Set();

function withinLimit(output: string): string {
  if (output.length <= LONGEST_OUTPUT) return output;
  return `${output.slice(0, HEAD_OF_OUTPUT)}\n${output.slice(HEAD_OF_OUTPUT - LONGEST_OUTPUT)}`;
}

/** The last test in a line, or else the last check. */
function commandJudged({ commands }: CommandLine): { at: number; kind: CommandKind } | undefined {
  const kinds = commands.map(({ words }) => kindOf(words));
  const lastTest = kinds.findLastIndex((kind) => kind?.type === "test");
  const at = lastTest >= 0 ? lastTest : kinds.findLastIndex((kind) => kind !== undefined);
  const kind = kinds[at];
  return kind === undefined ? undefined : { at, kind };
}

/** Whether the exit status of a line is that of one of its commands. */
function exitSpeaks({ commands, pipefail }: CommandLine, at: number): boolean {
  if (commands[at]?.negated === true) return false;
  const behind = commands.slice(at).map(({ after }) => after);
  return behind.every((after) => after === "" || after === "&&" || (after === "|" && pipefail));
}

interface Ended {
  readonly output: string;
  readonly closing: Closing | undefined;
  readonly runner: string;
  /** `null` unless it is the command's own. */
  readonly exit: number | null;
  readonly isLast: boolean;
}

const commandMissing = /^.{0,200}command not found|^.{0,200}is not recognized as/m;
const notRun =
  /command not found|No such file or directory|No module named|unrecognized arguments|not recognized as|Missing script|could not determine executable/;
/** Killed, timed out, not found, not allowed: by the conventions of POSIX shells and of `timeout`. */
const unfinished = new Set([124, 126, 127, 130, 137, 143]);

function outcomeOf(ended: Ended): Pick<Judgement, "outcome" | "how"> {
  const { closing, exit, output } = ended;
  if (closing === undefined) {
    if (commandMissing.test(output.slice(0, 500))) return none("not run");
    return exit === null ? none("exit hidden, no summary") : byExit(ended, exit);
  }
  if (closing.passed + closing.failed === 0) return none("no tests ran");
  const bySummary = closing.failed > 0 ? "fail" : "pass";
  if (exit === null) return { outcome: bySummary, how: "summary" };
  if ((exit === 0) === (bySummary === "pass")) return { outcome: bySummary, how: "exit+summary" };
  if (exit === 0) return { outcome: "fail", how: "summary against exit" };
  return { outcome: ended.isLast ? "fail" : "none", how: "exit against summary" };
}

function byExit({ output, runner }: Ended, exit: number): Pick<Judgement, "outcome" | "how"> {
  // pytest: 5 if it found no tests, 4 if it was called wrongly.
  if (runner === "pytest" && (exit === 4 || exit === 5)) return none("no tests ran");
  if (unfinished.has(exit)) return none("not run to its end");
  if (exit !== 0 && notRun.test(output)) return none("not run");
  return { outcome: exit === 0 ? "pass" : "fail", how: "exit" };
}

function none(how: How): Pick<Judgement, "outcome" | "how"> {
  return { outcome: "none", how };
}

/** Options that change what is printed, and not what is run. */
const printing =
  /^-(?:v+|q+|s|ra|rA|rf|l)$|^--(?:tb=\S*|no-header|verbose|quiet|silent|color(?:=\S*)?|colors|no-color|reporter=\S*|nocapture|durations=\d*)$/;

function sameTests({ commands }: CommandLine, type: CommandKind["type"]): string {
  const ofType = commands.filter(({ words }) => kindOf(words)?.type === type);
  return ofType.map((command) => sameWords(command)).join(" && ");
}

function sameWords({ words }: Command): string {
  return words.filter((word) => !printing.test(word)).join(" ");
}
