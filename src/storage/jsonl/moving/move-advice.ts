import { decodeEntry, decodeEvent } from "../../../adr004/recommendation-line.ts";
import { withOtherAgent } from "../../../adr004/record-text.ts";
import { isSameName } from "../../../domain/run/agent-name.ts";
import { type FileSystem, statusAt } from "../files/file-system.ts";
import type { OptimizerFiles } from "../files/places.ts";
import type { LockedFiles } from "../journal/locked-files.ts";
import { type LineAction, rewriteLog } from "../journal/rewrite.ts";
import type { HeldLock } from "../lock/lock.ts";
import type { Intent } from "./intent.ts";
import { eachLine } from "./move-lines.ts";

/** The ids of the advice for an agent. */
export async function adviceFor(fileSystem: FileSystem, files: OptimizerFiles, agent: string): Promise<Set<string>> {
  const ids = new Set<string>();
  await eachLine(fileSystem, files.recommendations, 0, (line) => {
    const entry = decodeEntry(line);
    if (entry === undefined || entry === "blank" || !isSameName(entry.agent, agent)) return;
    for (const { id } of entry.recommendations) if (typeof id === "string") ids.add(id);
  });
  return ids;
}

/** Gives the advice for an agent to another one, or removes it with what became of it. */
export async function moveAdvice(
  { fileSystem, files, lockedFiles }: { fileSystem: FileSystem; files: OptimizerFiles; lockedFiles: LockedFiles },
  { from, into }: Intent,
  lock: HeldLock,
): Promise<void> {
  const rewrite = (log: string, decide: (line: Buffer) => LineAction) => {
    let isNeeded = false;
    const judge = (line: Buffer) => {
      const action = decide(line);
      isNeeded ||= action !== "keep";
      return action;
    };
    return lockedFiles.replacing(() => rewriteLog({ fileSystem, log, lock, decide: judge, isNeeded: () => isNeeded }));
  };
  const ids = await adviceFor(fileSystem, files, from);
  if (ids.size === 0) return;
  if (into === undefined) {
    // First what became of it, if anything did: without its advice a change says nothing.
    const hasEvents = statusAt(fileSystem, files.recommendationEvents) !== undefined;
    if (hasEvents)
      await rewrite(files.recommendationEvents, (line) => {
        const event = decodeEvent(line);
        return event !== undefined && event !== "blank" && ids.has(event.id) ? "drop" : "keep";
      });
  }
  await rewrite(files.recommendations, (line) => {
    const entry = decodeEntry(line);
    if (entry === undefined || entry === "blank" || !isSameName(entry.agent, from)) return "keep";
    if (into === undefined) return "drop";
    const named = withOtherAgent(line, from, into);
    return named === line ? "keep" : { replaceBy: Buffer.concat([named, Buffer.from("\n")]) };
  });
}
