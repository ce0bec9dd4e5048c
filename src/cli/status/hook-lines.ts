import { join } from "node:path";
import { isJsonObject, type JsonValue } from "../../domain/text/json.ts";
import { plainLine } from "../../domain/text/plain-text.ts";
import { handlerWords, hookRunBy, strangeInHook } from "../clients/entry/hook-command.ts";
import { hookEvents } from "../clients/entry/hooks.ts";
import { startedProgram } from "../clients/entry/program-place.ts";
import { hooksIn, readConfiguration } from "../clients/files/configuration.ts";
import type { CommandContext } from "../frame/define-command.ts";
import type { Mend } from "../terminal/mend-chapter.ts";

/** The clients' files that have hooks, each with the client that `init` writes it for. */
const files = [
  ["claude-code", ".claude/settings.json"],
  ["claude-code", ".claude/settings.local.json"],
  ["codex", ".codex/hooks.json"],
  ["copilot", ".github/hooks/kaizen-metrics.json"],
  ["cursor", ".cursor/hooks.json"],
  ["gemini", ".gemini/settings.json"],
] as const;

/** A hook of ours that does not do what `init` would have it do. */
export interface HookProblem extends Mend {
  readonly file: string;
  readonly events: readonly string[];
  readonly kind: /** It names us, and neither a hook nor `init` knows it again: the program would not run, or nothing would come of it. */
    | "unknown"
    /** It starts a program that is not there. */
    | "no_program"
    /** It starts a copy of this program, which may be of another version. */
    | "other_program"
    /** It has arguments beside its command, as version 0.1.0 wrote it, which some clients leave out. */
    | "arguments";
}

interface Found extends Pick<HookProblem, "file" | "kind" | "what"> {
  readonly client: string;
  readonly event: string;
}

/** Every hook of the project's clients that is ours or names us, and is not as it should be on this machine. */
export function hookProblems(
  project: string,
  context: Pick<CommandContext, "environment" | "machine" | "script">,
): HookProblem[] {
  const problems: Found[] = files.flatMap(([client, file]) =>
    hooksIn(readConfiguration(join(project, file))).flatMap(({ event, handler }) => {
      const found = problemOf(handler, project, context);
      return found === undefined ? [] : [{ ...found, client, file, event }];
    }),
  );
  // A file has the same problem with all its hooks, as a rule.
  const told = [...new Set(problems.map(({ file, what }) => `${file}\0${what}`))];
  return told.flatMap((one) => {
    const alike = problems.filter(({ file, what }) => `${file}\0${what}` === one);
    const [first] = alike;
    return first === undefined ? [] : [asOne(first, [...new Set(alike.map(({ event }) => plainLine(event, 60)))])];
  });
}

function asOne({ client, file, kind, what }: Found, events: readonly string[]): HookProblem {
  const hooks = `${events.length === 1 ? "Hook" : "Hooks"} ${events.join(", ")} in ${file}`;
  const mend = `kaizen-metrics init --client ${client}${kind === "unknown" ? " --force" : ""}`;
  return { file, events, kind, what: `${hooks}: ${what}.`, mend };
}

function problemOf(
  handler: JsonValue,
  project: string,
  context: Pick<CommandContext, "environment" | "machine" | "script">,
): Pick<HookProblem, "kind" | "what"> | undefined {
  if (!hookEvents.some(({ name }) => strangeInHook(handler, name) !== undefined)) return undefined;
  const words = handlerWords(handler);
  if (hookRunBy(handler) === undefined) {
    return { kind: "unknown", what: `not known as ours: ${plainLine(words.join(" "), 120)}` };
  }
  const { named, path } = startedProgram(words, project, context);
  if (path === undefined) return { kind: "no_program", what: `starts ${plainLine(named, 120)}, which is not there` };
  if (isJsonObject(handler) && Array.isArray(handler.args)) {
    return { kind: "arguments", what: "has arguments beside its command, which Copilot CLI and VS Code leave out" };
  }
  const { realPath } = context.machine;
  if (realPath(path) === realPath(context.script)) return undefined;
  return { kind: "other_program", what: `starts another copy than this one: ${plainLine(realPath(path), 120)}` };
}
