import { isJsonObject, type JsonValue } from "../../domain/json.ts";
import { programIndex, startsThisProgram } from "./launch.ts";

/**
 * Which of this program's hooks a handler in a client's configuration runs; `undefined` for another program's, whatever
 * words it has in common with ours.
 */
export function hookRunBy(handler: JsonValue): string | undefined {
  const [command = "", ...args] = handlerWords(handler);
  if (!startsThisProgram(command, args)) return undefined;
  const at = programIndex(args) + 1;
  const [door, name, ...flags] = args.slice(at);
  if (door !== "hook" || name === undefined) return undefined;
  if ([command, ...args.slice(0, at)].some((word) => word.includes("kaizen-metrics"))) return name;
  // In a clone of another name only the whole form tells ours from a program that is called alike.
  return areOurFlags(flags) ? name : undefined;
}

/** The words of a handler's command: as they stand beside it, or taken from a line for a shell. */
export function handlerWords(handler: JsonValue): string[] {
  if (!isJsonObject(handler) || typeof handler.command !== "string") return [];
  if (!Array.isArray(handler.args)) return shellWords(handler.command);
  return [handler.command, ...handler.args.filter((word) => typeof word === "string")];
}

/** What shells make words of, as far as `shellWord` writes it, and people do: quotes of both kinds. */
function shellWords(line: string): string[] {
  const words = line.match(/(?:"(?:\\["\\$`]|[^"])*"|'[^']*'|[^\s"'])+/g) ?? [];
  return words.map((word) =>
    word.replaceAll(/"((?:\\["\\$`]|[^"])*)"|'([^']*)'/g, (_, double?: string, single?: string) =>
      double === undefined ? (single ?? "") : double.replaceAll(/\\(["\\$`])/g, "$1"),
    ),
  );
}

const flagsOfOurs: readonly string[] = ["--root", "--retention-days", "--limit"];

function areOurFlags(words: readonly string[]): boolean {
  return words.every(
    (word, index) =>
      flagsOfOurs.includes(word.replace(/=.*$/s, "")) || (index > 0 && flagsOfOurs.includes(words[index - 1] ?? "")),
  );
}
