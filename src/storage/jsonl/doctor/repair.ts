import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type AgentName, existingAgentNameSchema } from "../../../domain/run/agent-name.ts";
import { KaizenError } from "../../../errors.ts";
import type { Finding, OnProgress } from "../../health.ts";
import type { OnDone } from "../../store.ts";
import { type FileSystem, removeFile } from "../files/file-system.ts";
import { translateFsError } from "../files/fs-errors.ts";
import type { Layout } from "../files/layout.ts";
import { type FolderFiles, linesOf } from "../files/places.ts";
import { finishDrains, GRACE_MS, lateLines } from "../journal/late-appends.ts";
import { moveToQuarantine } from "../journal/quarantine.ts";
import type { Locks } from "../lock/lock.ts";
import { judgeLine } from "../projection/retention-policy.ts";
import { moveDocument, putBack } from "./damaged-document.ts";
import { nameInProject } from "./findings.ts";

export interface RepairOptions {
  readonly fileSystem: FileSystem;
  readonly layout: Layout;
  readonly locks: Locks;
  readonly now: () => number;
  /** Finishes what was to be moved from one agent to another. */
  readonly finishMoving: () => Promise<void>;
  /** Repairs an agent's log, and makes again what is derived of it. */
  readonly repairLog: (agent: AgentName, onBytes: OnDone) => Promise<unknown>;
}

/** What is repaired under one lock. */
interface Work {
  readonly what: string;
  /** Gives whether another process may still have a file open that was replaced: `finish` is for when it has not. */
  begin(): Promise<boolean>;
  finish(): Promise<void>;
}

/** Does what findings say that a repair does. What fails is given back, and keeps nothing else from being repaired. */
export async function repairFindings(
  options: RepairOptions,
  findings: readonly Finding[],
  onProgress: OnProgress,
): Promise<KaizenError[]> {
  const mendable = findings.filter(({ repair }) => repair !== undefined);
  const agents = [...new Set(mendable.flatMap(({ agent }) => agent ?? []))].flatMap(
    (agent) => existingAgentNameSchema.safeParse(agent).data ?? [],
  );
  const works = agents.map((agent) => agentWork(options, agent, mendable, onProgress));
  const ofStore = mendable.filter(({ agent }) => agent === undefined).map(({ file }) => file);
  if (ofStore.some((file) => file.includes("/optimizer/"))) {
    works.push(folderWork(options, "optimizer", options.layout.optimizer));
  }
  if (ofStore.some((file) => file.endsWith("/moving.json"))) works.unshift(movingWork(options));
  if (ofStore.some((file) => file.includes("/.locks/"))) works.push(lockWork(options, ofStore));
  const failures: KaizenError[] = [];
  const attempt = async <T>({ what }: Work, step: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await step();
    } catch (thrown) {
      const error = translateFsError(thrown, `repairing ${what}`);
      if (!(error instanceof KaizenError)) throw error;
      failures.push(error);
      return undefined;
    }
  };
  const open: Work[] = [];
  for (const work of works) if (await attempt(work, () => work.begin())) open.push(work);
  if (open.length > 0) await delay(GRACE_MS * 1.1);
  for (const work of open) await attempt(work, () => work.finish());
  return failures;
}

/** What an agent has beside the files that are repaired alike in every folder. */
interface Special {
  readonly log: string;
  clearIndex(): void;
  repairLog(): Promise<unknown>;
}

/** Repairs the journals and documents of a folder. What late writers have added by the end is carried over. */
function folderWork(options: RepairOptions, lock: string, files: FolderFiles, special?: Special): Work {
  const { fileSystem, now } = options;
  const moved = new Map<string, string>();
  // What a killed writer has left is cleared also if there is no log.
  const carryOver = () => void finishDrains(fileSystem, linesOf(files), now(), { alsoForeign: true });
  return {
    what: lock,
    async begin() {
      await options.locks.under(lock, async (held) => {
        carryOver();
        special?.clearIndex();
        for (const { path, quarantine, read } of files.journals) {
          if (path === special?.log) continue;
          const judge = (line: Buffer) => judgeLine(line, read);
          await moveToQuarantine({ fileSystem, path, quarantine, judge, lock: held });
        }
        for (const { path } of files.documents) {
          const quarantine = await moveDocument(fileSystem, path);
          if (quarantine !== undefined) moved.set(path, quarantine);
        }
      });
      await special?.repairLog();
      return moved.size > 0 || lateLines(fileSystem, linesOf(files)).length > 0;
    },
    async finish() {
      await options.locks.under(lock, () => {
        carryOver();
        for (const [path, quarantine] of moved) putBack(fileSystem, quarantine, path);
      });
      await special?.repairLog();
    },
  };
}

function agentWork(
  options: RepairOptions,
  agent: AgentName,
  mendable: readonly Finding[],
  onProgress: OnProgress,
): Work {
  const { fileSystem, layout } = options;
  const files = layout.agent(agent);
  const { index, log } = files;
  const inIndex = mendable.filter(({ file }) => file.startsWith(`${nameInProject(layout, index)}/`));
  return folderWork(options, agent, files, {
    log,
    clearIndex() {
      const isDamaged = inIndex.some(({ kind }) => kind === "damage");
      // One part of an index is no use without the others.
      const names = isDamaged ? fileSystem.readdirSync(index) : inIndex.map(({ file }) => basename(file));
      for (const name of names) removeFile(fileSystem, join(index, name));
    },
    repairLog: () => options.repairLog(agent, (done, total) => onProgress(nameInProject(layout, log), done, total)),
  });
}

/** Comes first: what is repaired afterwards stands where it belongs. */
function movingWork({ finishMoving }: RepairOptions): Work {
  return {
    what: "what was to be moved",
    async begin() {
      await finishMoving();
      return false;
    },
    async finish() {},
  };
}

/** Takes each lock by its protocol, which alone may replace a holder that is gone. The first one sweeps the owner files. */
function lockWork(options: RepairOptions, files: readonly string[]): Work {
  const names = files.flatMap((file) => /\/\.locks\/([^/]+)\.lock$/.exec(file)?.[1] ?? []);
  return {
    what: "locks",
    async begin() {
      for (const name of [".create", ...names]) await options.locks.under(name, () => {});
      return false;
    },
    async finish() {},
  };
}
