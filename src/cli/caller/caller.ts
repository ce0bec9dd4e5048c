import type { Standing } from "../../domain/verification/verification.ts";
import type { CommandContext } from "../frame/define-command.ts";
import { type Ancestor, agentVariable, clientNamed, shellNotHook } from "./agent-signs.ts";
import { ancestors } from "./ancestors.ts";

// Who runs a command: a person, or an agent in its shell. An agent with the user's rights can hide the signs, as it can
// write the files: this is a courtesy and no court (`kaizen-metrics help report`).

/** The sign that an agent's shell runs this command, as a part of a sentence; `undefined` if there is none. */
export function agentShell({ environment }: Pick<CommandContext, "environment">): string | undefined {
  const variable = agentVariable(environment);
  if (variable !== undefined) return `${variable} is set`;
  const client = ancestors()
    .flatMap((one) => clientNamed(one) ?? [])
    .at(0);
  return client === undefined ? undefined : `${client} has started this`;
}

/** What a word is worth that comes over the command line. That CI is said to run proves nothing. */
export function standingOnCommandLine(context: Pick<CommandContext, "environment">): Standing {
  return agentShell(context) === undefined ? { via: "cli" } : { via: "cli", unproven: true };
}

/**
 * Why a hook that a person's prompt sets off was not started by the person's client, as a part of a sentence; `undefined`
 * if nothing speaks against it. A client starts its hook itself, or by one shell that has only the hook's line; an
 * agent's command has a shell of its own above it, and a client that an agent has started has another client.
 */
export function forgedHook(
  { environment }: Pick<CommandContext, "environment">,
  isHookLine: (line: string) => boolean,
  above: readonly Ancestor[] = ancestors(),
): string | undefined {
  const variable = shellNotHook(environment);
  if (variable !== undefined) return `${variable} is set`;
  const nearest = above.findIndex(isClient);
  if (nearest < 0) return undefined;
  const below = above[nearest - 1];
  if (below !== undefined && !isShellWith(below, isHookLine)) return "a shell of an agent has started it";
  const beyond = above.slice(nearest).findIndex((one) => !isClient(one));
  return beyond >= 0 && above.slice(nearest + beyond).some(isClient) ? "an agent has started its client" : undefined;
}

function isClient(one: Ancestor): boolean {
  return clientNamed(one) !== undefined;
}

function isShellWith({ words }: Ancestor, isLine: (line: string) => boolean): boolean {
  const [, flag = "", line = "", ...rest] = words;
  return rest.length === 0 && /^-l?c$/.test(flag) && isLine(line);
}
