import { isJsonObject, type JsonValue } from "../../../domain/text/json.ts";
import { plainLine } from "../../../domain/text/plain-text.ts";
import { SERVER_NAME, startsThisProgram, strangeFlags, strangeWords, wordsUpToProgram } from "./launch.ts";
import { shownMembers } from "./server-entry.ts";

/**
 * Which of this program's hooks a handler in a client's configuration runs; `undefined` for another program's, whatever
 * words it has in common with ours.
 */
export function hookRunBy(handler: JsonValue): string | undefined {
  const [command = "", ...args] = handlerWords(handler);
  if (!startsThisProgram(command, args)) return undefined;
  const at = wordsUpToProgram(command, args);
  const [door, name, ...flags] = args.slice(at);
  if (door !== "hook" || name === undefined) return undefined;
  if ([command, ...args.slice(0, at)].some((word) => word.includes("kaizen-metrics"))) return name;
  // In a clone of another name only the whole form tells ours from a program that is called alike.
  return strangeFlags(flags).length === 0 ? name : undefined;
}

/** The words of a handler's command: as they stand beside it, or taken from a line for a shell. */
export function handlerWords(handler: JsonValue): string[] {
  if (!isJsonObject(handler) || typeof handler.command !== "string") return [];
  if (handler.command.length > LONGEST_LINE) return [];
  if (!Array.isArray(handler.args)) return shellWords(handler.command);
  return [handler.command, ...handler.args.filter((word) => typeof word === "string")];
}

/** A path has 4,096 characters at most. A line that is longer than two of them and our flags is not ours. */
const LONGEST_LINE = 10_000;

/** What shells make words of, as far as `shellWord` writes it, and people do: quotes of both kinds. In one pass. */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at] ?? "";
    if (quote === undefined && /\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (quote === undefined && (character === '"' || character === "'")) {
      quote = character;
      word ??= "";
    } else if (character === quote) {
      quote = undefined;
    } else {
      // Elsewhere it is a part of a path of Windows.
      const isEscape = quote === '"' && character === "\\" && /["\\$`]/.test(line[at + 1] ?? "");
      if (isEscape) at += 1;
      word = (word ?? "") + (isEscape ? line[at] : character);
    }
  }
  return word === undefined ? words : [...words, word];
}

const harmless: ReadonlySet<string> = new Set([
  ...["command", "args", "name", "description", "timeout", "timeoutSec", "statusMessage", "once", "async"],
]);

/**
 * What a handler that names one of our hooks has that `init` does not write, for people: a variable or a program before
 * ours, other flags, an environment. Nothing for one that is plainly ours, `undefined` for one of another program.
 */
export function strangeInHook(handler: JsonValue, name: string): string[] | undefined {
  if (!isJsonObject(handler)) return undefined;
  const [command = "", ...args] = handlerWords(handler);
  const text = JSON.stringify(handler);
  const isOurs = hookRunBy(handler) === name;
  if (!isOurs && !(text.includes(SERVER_NAME) && new RegExp(`\\bhook\\W+${name}\\b`).test(text))) return undefined;
  const members = Object.entries(handler).filter(([key, value]) =>
    key === "type" ? value !== "command" : !harmless.has(key),
  );
  const words = isOurs ? strangeWords(command, args) : [[command, ...args].join(" ")];
  return [...shownMembers(members), ...words.map((word) => plainLine(word, 200))];
}
