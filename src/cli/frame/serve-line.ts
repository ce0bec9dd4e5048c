import { type Environment, readSettings, type Settings } from "../../config.ts";
import { KaizenError } from "../../errors.ts";

/**
 * The settings, where a line is plainly one with which clients start the server: then nothing else of the command line
 * has to be loaded, and a client waits for less. `undefined` for every other line, also for what is wrong with one of
 * these: `parseArguments` says what is meant.
 */
export function readServeLine(
  args: readonly string[],
  environment: Environment,
  isInteractive: boolean,
): Settings | undefined {
  if (args.length === 0 && isInteractive) return undefined;
  const words = args[0] === "serve" ? args.slice(1) : [...args];
  const given: Record<string, string> = {};
  while (words.length > 0) {
    const [, name, inline] = /^--(root|retention-days|store)(?:=(.*))?$/s.exec(words.shift() ?? "") ?? [];
    const value = inline ?? words.shift();
    if (name === undefined || value === undefined || (inline === undefined && value.startsWith("--"))) return undefined;
    given[name] = value;
  }
  try {
    const { root, store, "retention-days": retentionDays } = given;
    return readSettings({ root, retentionDays, store }, environment);
  } catch (error) {
    if (error instanceof KaizenError) return undefined;
    throw error;
  }
}
