import { KaizenError } from "../../errors.ts";
import { percent } from "../../messages/figures.ts";
import type { Choices } from "../../trust/root-trust.ts";
import { checkWords, ciWords } from "../evidence/settings.ts";
import type { CommandContext } from "../frame/define-command.ts";
import { usageError } from "../frame/parse-arguments.ts";
import { saysYes } from "../input/says-yes.ts";

const self = { name: "init" };

const DEFAULT_CHECK_S = 300;

/** What a person of this machine chooses for the project. It is kept outside of it, so that no clone can choose. */
export const choiceFlags = {
  holdout: {
    type: "string",
    value: "SHARE",
    description: "Share of runs without a brief, 0.01 to 0.5, e.g. 0.1; 0: none",
  },
  check: {
    type: "string",
    value: "COMMAND",
    description: 'Run it after runs that edited, e.g. "npm test"',
    or: "no-check",
  },
  "check-timeout": { type: "string", value: "S", description: `Seconds that it may take (${DEFAULT_CHECK_S})` },
  "no-check": { type: "boolean", description: "Run no check any more" },
  ci: {
    type: "string",
    value: "PROGRAM",
    choices: ["gh", "glab"],
    description: "Ask it what became of commits (network)",
  },
  workflow: {
    type: "string",
    value: "NAME",
    multiple: true,
    description: "A workflow whose word counts",
  },
  "no-ci": { type: "boolean", description: "Ask no CI any more" },
  "no-transcripts": { type: "boolean", description: "Read no transcripts of the client" },
  "no-git": { type: "boolean", description: "Ask git nothing" },
  transcripts: { type: "boolean", description: "Read them again" },
  git: { type: "boolean", description: "Ask it again" },
  yes: { type: "boolean", description: "Agree to the check without being asked" },
} as const;

interface ChoiceFlags {
  readonly holdout?: string | undefined;
  readonly check?: string | undefined;
  readonly "check-timeout"?: string | undefined;
  readonly "no-check"?: boolean | undefined;
  readonly ci?: string | undefined;
  readonly workflow?: readonly string[] | undefined;
  readonly "no-ci"?: boolean | undefined;
  readonly "no-transcripts"?: boolean | undefined;
  readonly "no-git"?: boolean | undefined;
  readonly transcripts?: boolean | undefined;
  readonly git?: boolean | undefined;
}

/** What was chosen: a member that is `undefined` is taken back, and one that is missing stays as it is. */
export function choicesOf(flags: ChoiceFlags): Choices {
  expectTogether(flags);
  return {
    ...(flags.holdout === undefined ? {} : { holdout: holdoutOf(flags.holdout) }),
    ...(flags["no-check"] === true ? { check: undefined } : {}),
    ...(flags.check === undefined ? {} : { check: checkOf(flags.check, flags["check-timeout"]) }),
    ...(flags["no-ci"] === true ? { ci: undefined } : {}),
    ...(flags.ci === undefined ? {} : { ci: ciOf(flags.ci, flags.workflow ?? []) }),
    ...(flags.transcripts === true ? { transcripts: undefined } : {}),
    ...(flags.git === true ? { git: undefined } : {}),
    ...(flags["no-transcripts"] === true ? { transcripts: false as const } : {}),
    ...(flags["no-git"] === true ? { git: false as const } : {}),
  };
}

function expectTogether(flags: ChoiceFlags): void {
  const needs = (one: string, other: string) => usageError(`--${one} needs --${other}.`, self);
  for (const name of ["check", "ci", "transcripts", "git"] as const) {
    if (flags[name] === undefined || flags[`no-${name}`] !== true) continue;
    throw usageError(`Use either --${name} or --no-${name}.`, self);
  }
  if (flags["check-timeout"] !== undefined && flags.check === undefined) throw needs("check-timeout", "check");
  if (flags.workflow !== undefined && flags.ci === undefined) throw needs("workflow", "ci");
}

/** 0 means that every run gets its brief. */
function holdoutOf(text: string): number | undefined {
  const share = /^(?:0|0?\.\d{1,4})$/.test(text) ? Number(text) : Number.NaN;
  if (share === 0) return undefined;
  if (share >= 0.01 && share <= 0.5) return share;
  throw usageError(
    `--holdout is ${JSON.stringify(text.slice(0, 80))}; send 0, or a share from 0.01 to 0.5, e.g. 0.1.`,
    self,
  );
}

function checkOf(command: string, timeout: string | undefined): NonNullable<Choices["check"]> {
  if (command.trim() === "" || command.length > 2_000 || /[\0\r\n]/.test(command)) {
    throw usageError(`--check takes one line for a shell, e.g. "npm test"; --no-check runs none.`, self);
  }
  const seconds = timeout === undefined ? DEFAULT_CHECK_S : /^[1-9]\d{0,4}$/.test(timeout) ? Number(timeout) : 0;
  if (seconds < 1 || seconds > 86_400) {
    throw usageError(
      `--check-timeout is ${JSON.stringify(timeout?.slice(0, 80))}; send whole seconds up to 86400, e.g. 300.`,
      self,
    );
  }
  return { command, timeout_s: seconds };
}

function ciOf(program: string, workflows: readonly string[]): NonNullable<Choices["ci"]> {
  if (program !== "gh" && program !== "glab") {
    throw usageError(`--ci is ${JSON.stringify(program.slice(0, 80))}; known are gh and glab.`, self);
  }
  if (workflows.length > 20 || workflows.some((name) => name.trim() === "" || name.length > 200)) {
    throw usageError("--workflow takes a name of at most 200 characters, at most 20 times.", self);
  }
  return { program, workflows: [...workflows] };
}

/** Says what was chosen, a sentence each. */
export function choiceLines(choices: Choices, isDryRun: boolean): string[] {
  const lines: string[] = [];
  const { check, ci, git, holdout, transcripts } = choices;
  if ("holdout" in choices) lines.push(holdoutLine(holdout, isDryRun));
  if ("check" in choices) lines.push(check === undefined ? "Check: none runs any more." : checkWords(check));
  if ("ci" in choices) lines.push(ci === undefined ? "CI: none is asked any more." : ciWords(ci));
  if ("transcripts" in choices)
    lines.push(`Transcripts of this project's runs are ${transcripts === false ? "not " : ""}read.`);
  if ("git" in choices) lines.push(`Git is ${git === false ? "not " : ""}asked for the state of the working copy.`);
  return lines;
}

function holdoutLine(holdout: number | undefined, isDryRun: boolean): string {
  const verb = isDryRun ? "would begin" : "begin";
  const runs = "of this machine's runs in this project";
  if (holdout === undefined) return `None ${runs} ${verb} without a brief.`;
  return `${percent(holdout)} ${runs} ${verb} without a brief; summary --holdout tells what it does.`;
}

/** A check runs what an agent has just written: that wants a person's word, typed or given by --yes. */
export async function expectAgreement({ check }: Choices, context: CommandContext, isSure: boolean): Promise<void> {
  if (check === undefined || isSure) return;
  const refused = (problem: string) =>
    new KaizenError("INVALID_ARGUMENT", `Nothing was set up: ${problem}`, {
      hint: `Add --yes if you agree: ${checkWords(check)}`,
    });
  if (!context.stdin.isTerminal || context.json) throw refused("a check needs your word.");
  await context.ask(() => `${checkWords(check)}\nDo you agree? [y/N] `);
  if (!(await saysYes(context.stdin))) throw refused("you did not agree to the check.");
}

/** Keeps what was chosen, on this machine only. */
export async function keepChoices(choices: Choices, context: CommandContext): Promise<void> {
  if (Object.keys(choices).length === 0) return;
  const trust = await context.trust();
  const isOnlyTakenBack = Object.values(choices).every((choice) => choice === undefined);
  if (trust.choose(choices) || isOnlyTakenBack) return;
  const { kind, problem } = trust.state();
  const named = Object.keys(choices).join(", ");
  if (kind !== "foreign" || problem !== undefined) {
    const why = problem === undefined ? "" : `: ${problem}`;
    throw new KaizenError("IO_ERROR", `${named}: not kept, for what this machine trusts cannot be written${why}.`, {
      hint: "Everything else is set up. Set HOME, or XDG_STATE_HOME to a folder of yours.",
    });
  }
  throw new KaizenError(
    "INVALID_ARGUMENT",
    `${named}: not kept, since this store came from elsewhere and was not accepted.`,
    { hint: "Everything else is set up. Accept the store first: kaizen-metrics trust." },
  );
}
