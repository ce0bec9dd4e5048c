import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type AgentName, existingAgentNameSchema } from "../../../domain/run/agent-name.ts";
import { KaizenError } from "../../../errors.ts";
import type { Finding, OnProgress } from "../../health.ts";
import type { OnBytes } from "../../store.ts";
import { type FileSystem, removeFile } from "../files/file-system.ts";
import { translateFsError } from "../files/fs-errors.ts";
import type { Layout } from "../files/layout.ts";
import { type AgentFiles, type FolderFiles, linesOf } from "../files/places.ts";
import { finishDrains, GRACE_MS, lateLines } from "../journal/late-appends.ts";
import { moveToQuarantine } from "../journal/quarantine.ts";
import { judgeLine } from "../journal/retention-policy.ts";
import type { HeldLock, Locks } from "../lock/lock.ts";
import { moveDocument, putBack } from "./damaged-document.ts";
import { nameInProject } from "./findings.ts";

export interface RepairOptions {
  readonly fileSystem: FileSystem;
  readonly layout: Layout;
  readonly locks: Locks;
  readonly now: () => number;
  /** Repairs an agent's log, and makes again what is derived of it. */
  readonly repairLog: (agent: AgentName, onBytes: OnBytes) => Promise<unknown>;
}

/** What is repaired under one lock. */
interface Work {
  readonly what: string;
  begin(): Promise<void>;
  /** Whether another process may still have a file open that was replaced: then there is more to do once it has not. */
  hasMore?(): boolean;
  finish?(): Promise<void>;
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
  if (ofStore.some((file) => file.includes("/.locks/"))) {
    works.push({ what: "locks", begin: () => clearLocks(options, ofStore) });
  }
  const failures: KaizenError[] = [];
  const attempt = ({ what }: Work, work: () => Promise<void>) =>
    work().catch((thrown: unknown) => {
      const error = translateFsError(thrown, `repairing ${what}`);
      if (!(error instanceof KaizenError)) throw error;
      failures.push(error);
    });
  const open: Work[] = [];
  for (const work of works) {
    await attempt(work, async () => {
      await work.begin();
      if (work.hasMore?.()) open.push(work);
    });
  }
  if (open.length > 0) await delay(GRACE_MS * 1.1);
  for (const work of open) await attempt(work, async () => work.finish?.());
  return failures;
}

/** What a folder has beside the journals and documents that are repaired alike. */
interface Special {
  /** A journal that has a repair of its own. */
  readonly log?: string;
  readonly clearIndex?: () => void;
}

/** Repairs the journals and documents of a folder. What late writers have added by the end is carried over. */
function folderWork(options: RepairOptions, lock: string, files: FolderFiles, special: Special = {}): Required<Work> {
  const { fileSystem, now } = options;
  const moved = new Map<string, string>();
  // What a killed writer has left is cleared also if there is no log.
  const carryOver = () => void finishDrains(fileSystem, linesOf(files), now(), { alsoForeign: true });
  return {
    what: lock,
    begin: () =>
      underLock(options, lock, async (held) => {
        carryOver();
        special.clearIndex?.();
        for (const { path, quarantine, read } of files.journals) {
          if (path === special.log) continue;
          const judge = (line: Buffer) => judgeLine(line, read);
          await moveToQuarantine({ fileSystem, path, quarantine, judge, beforeReplacing: () => held.confirm() });
        }
        for (const { path } of files.documents) {
          const quarantine = await moveDocument(fileSystem, path);
          if (quarantine !== undefined) moved.set(path, quarantine);
        }
      }),
    hasMore: () => moved.size > 0 || lateLines(fileSystem, linesOf(files)).length > 0,
    finish: () =>
      underLock(options, lock, () => {
        carryOver();
        for (const [path, quarantine] of moved) putBack(fileSystem, quarantine, path);
      }),
  };
}

function agentWork(
  options: RepairOptions,
  agent: AgentName,
  mendable: readonly Finding[],
  onProgress: OnProgress,
): Work {
  const { layout } = options;
  const files = layout.agent(agent);
  const ofAgent = mendable.filter((finding) => finding.agent === agent);
  const others = folderWork(options, agent, files, {
    log: files.log,
    clearIndex: () => clearIndex(options, files, ofAgent),
  });
  const repairLog = async () => {
    await options.repairLog(agent, (done, total) => onProgress(nameInProject(layout, files.log), done, total));
  };
  return {
    ...others,
    begin: () => others.begin().then(repairLog),
    finish: () => others.finish().then(repairLog),
  };
}

/** Removes what findings say of the index. One part of it is no use without the others. */
function clearIndex({ fileSystem, layout }: RepairOptions, { index }: AgentFiles, findings: readonly Finding[]): void {
  const within = findings.filter(({ file }) => file.startsWith(`${nameInProject(layout, index)}/`));
  const isDamaged = within.some(({ kind }) => kind === "damage");
  const names = isDamaged ? fileSystem.readdirSync(index) : within.map(({ file }) => basename(file));
  for (const name of names) removeFile(fileSystem, join(index, name));
}

/** Takes each lock by its protocol, which alone may replace a holder that is gone. The first one sweeps the owner files. */
async function clearLocks(options: RepairOptions, files: readonly string[]): Promise<void> {
  const names = files.flatMap((file) => /\/\.locks\/([^/]+)\.lock$/.exec(file)?.[1] ?? []);
  for (const name of [".create", ...names]) await underLock(options, name, () => {});
}

async function underLock(
  options: RepairOptions,
  name: string,
  work: (lock: HeldLock) => Promise<void> | void,
): Promise<void> {
  const lock = await options.locks.acquire(name);
  try {
    await work(lock);
  } finally {
    lock.release();
  }
}
