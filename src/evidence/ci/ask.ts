import type * as z from "zod";
import { parseJson } from "../../domain/text/json.ts";
import { KaizenError } from "../../errors.ts";
import { WholeOutput } from "../programs/output.ts";
import { type ProgramEnd, runProgram } from "../programs/run-program.ts";

export interface CiQuestion {
  /** The absolute path of CI's own program. */
  readonly program: string;
  /** The working copy, whose remote says which project it is. */
  readonly cwd: string;
  /** The commit's whole id. */
  readonly commit: string;
  /** The user's environment: the program finds its login there. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
  /** In ms; 10 s unless it is told. */
  readonly limitMs?: number | undefined;
}

/** What differs between the programs. */
export interface CiProgram<Answer> {
  readonly name: "gh" | "glab";
  readonly args: readonly string[];
  /** Added to the user's environment; `undefined` takes a variable out of it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly schema: z.ZodType<Answer>;
}

const LIMIT_MS = 10_000;
const MAX_BYTES = 1024 * 1024;

/** Runs the program, and gives its answer. Fails with a `KaizenError` that says why there is none, and what to do. */
export async function ask<Answer>(question: CiQuestion, ci: CiProgram<Answer>): Promise<Answer> {
  const { commit, cwd, limitMs = LIMIT_MS, program, signal } = question;
  if (!/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(commit)) {
    throw new KaizenError("INVALID_ARGUMENT", "A commit is named by its whole id, in small hexadecimal digits.", {
      hint: "Take the id that git rev-parse prints.",
    });
  }
  const stdout = new WholeOutput(MAX_BYTES);
  const stderr = new WholeOutput(MAX_BYTES);
  const env = environmentOf({ ...question.environment, ...ci.env, NO_COLOR: "1", GIT_TERMINAL_PROMPT: "0" });
  const end = await runProgram({ program, args: ci.args, cwd, env, limitMs, stdout, stderr, signal });
  if (end.how !== "exited" || end.exit !== 0) throw noAnswer(ci.name, end, stderr.text(), limitMs);
  const answer = ci.schema.safeParse(parseJson(stdout.text()));
  if (answer.success) return answer.data;
  throw new KaizenError("IO_ERROR", `${ci.name} answered in a form that is not known here.`, {
    hint: `Bring ${ci.name} up to date, or wait for a newer kaizen-metrics.`,
    cause: answer.error,
  });
}

function environmentOf(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const set = (entry: [string, string | undefined]): entry is [string, string] => entry[1] !== undefined;
  return Object.fromEntries(Object.entries(environment).filter(set));
}

/** Words by which the programs say what went wrong, the most telling first. They are looked for, and not repeated. */
const reasons: readonly [words: RegExp, what: string, hint: (name: string) => string][] = [
  [
    /auth login|not logged in|authentication|unauthorized|\b401\b|bad credentials/i,
    "is not logged in",
    (name) => `Run ${name} auth login once.`,
  ],
  [
    /error connecting|no such host|could not resolve|dial tcp|unreachable|connection (?:refused|reset)|i\/o timeout|internet connection/i,
    "could not reach its server",
    () => "It is asked again later.",
  ],
  [
    /unknown (?:shorthand )?flag|unknown command|unknown json field/i,
    "is too old",
    (name) => `Bring ${name} up to date.`,
  ],
  [
    /not a git repository|no git remotes|none of the git remotes|unable to determine base repo/i,
    "finds no project of its server here",
    () => "Look at git remote -v.",
  ],
  [/\b404\b|not found/i, "does not find the project, or may not see it", (name) => `Look at ${name} auth status.`],
];

function noAnswer(name: string, end: ProgramEnd, said: string, limitMs: number): KaizenError {
  const [what, hint] = whatHappened(name, end, said, limitMs);
  return new KaizenError("IO_ERROR", `${name} ${what}.`, { hint });
}

function whatHappened(name: string, end: ProgramEnd, said: string, limitMs: number): [what: string, hint: string] {
  if (end.how === "not_started") return [`could not be started (${end.code})`, `Install ${name}, or look at its file.`];
  if (end.how === "time") return [`did not answer within ${limitMs} ms`, "It is asked again later."];
  if (end.how === "output") return ["answered with more than 1 MiB", `Bring ${name} up to date.`];
  // gh says with this status that a login is needed (gh help exit-codes).
  if (name === "gh" && end.exit === 4) return ["is not logged in", "Run gh auth login once."];
  const known = reasons.find(([words]) => words.test(said));
  if (known !== undefined) return [known[1], known[2](name)];
  return [`failed (exit status ${end.exit ?? "unknown"})`, `Run ${name} auth status, and look at what it says.`];
}
