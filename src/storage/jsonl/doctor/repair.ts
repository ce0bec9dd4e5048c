import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type AgentName, existingAgentNameSchema } from "../../../domain/run/agent-name.ts";
import { KaizenError } from "../../../errors.ts";
import type { Finding, OnProgress } from "../../health.ts";
import type { ExecutionStore } from "../../store.ts";
import type { JsonlAgentsOptions } from "../agent-stores-options.ts";
import { removeFile } from "../files/file-system.ts";
import { translateFsError } from "../files/fs-errors.ts";
import { linesOf } from "../files/layout.ts";
import { finishDrains, GRACE_MS, lateLines } from "../journal/late-appends.ts";
import { moveToQuarantine, unless } from "../journal/quarantine.ts";
import type { HeldLock } from "../lock/lock.ts";
import { moveAnalysis, putBack } from "./analysis-file.ts";
import { lineFilesOf } from "./examine-agent.ts";
import { optimizerLines } from "./examine-optimizer.ts";
import { nameInProject } from "./findings.ts";
import type { LineFile } from "./line-files.ts";

export interface RepairOptions extends JsonlAgentsOptions {
  readonly executions: ExecutionStore;
}

/** What is repaired under one lock. */
interface Work {
  readonly what: string;
  begin(): Promise<void>;
  /** Whether somebody may still have a file open that was replaced: then there is more to do once nobody has. */
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
  if (ofStore.some((file) => file.includes("/optimizer/"))) works.push(optimizerWork(options));
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

function agentWork(
  options: RepairOptions,
  agent: AgentName,
  mendable: readonly Finding[],
  onProgress: OnProgress,
): Work {
  const { executions, fileSystem, layout, now } = options;
  const files = layout.agent(agent);
  const isOfIndex = ({ file }: Finding) => file.includes(`/${basename(files.folder)}/${basename(files.index)}/`);
  const inIndex = mendable.filter((finding) => finding.agent === agent && isOfIndex(finding));
  const repairLog = () =>
    executions.repair(agent, (done, total) => onProgress(nameInProject(layout, files.log), done, total)).then(() => {});
  return {
    what: agent,
    async begin() {
      await options.locks.under(agent, async (lock) => {
        // What a killed writer has left is cleared also where there is no log.
        finishDrains(fileSystem, linesOf(files), now(), { alsoForeign: true });
        const isDamaged = inIndex.some(({ kind }) => kind === "damage");
        // One part of an index is no use without the others.
        const names = isDamaged ? fileSystem.readdirSync(files.index) : inIndex.map(({ file }) => basename(file));
        for (const name of names) removeFile(fileSystem, join(files.index, name));
        // Also where there is no log, so that the store's own repair has nothing to begin with.
        for (const file of lineFilesOf({ layout }, agent)) await repairLines(options, file, lock);
      });
      await repairLog();
    },
    hasMore: () => lateLines(fileSystem, linesOf(files)).length > 0,
    async finish() {
      await options.locks.under(agent, () => finishDrains(fileSystem, linesOf(files), now(), { alsoForeign: true }));
      await repairLog();
    },
  };
}

async function repairLines({ fileSystem }: RepairOptions, file: LineFile, lock: HeldLock): Promise<void> {
  const { isReadable, path, quarantine } = file;
  await moveToQuarantine({
    fileSystem,
    path,
    quarantine,
    judge: unless(isReadable),
    lock,
  });
}

function optimizerWork(options: RepairOptions): Work {
  const { fileSystem, layout, now } = options;
  const lines = optimizerLines(layout).map(({ path }) => path);
  let moved: string | undefined;
  return {
    what: "optimizer",
    begin: () =>
      options.locks.under("optimizer", async (lock) => {
        finishDrains(fileSystem, lines, now(), { alsoForeign: true });
        for (const file of optimizerLines(layout)) await repairLines(options, file, lock);
        moved = await moveAnalysis(fileSystem, layout.analysis);
      }),
    hasMore: () => moved !== undefined || lateLines(fileSystem, lines).length > 0,
    finish: () =>
      options.locks.under("optimizer", () => {
        finishDrains(fileSystem, lines, now(), { alsoForeign: true });
        if (moved !== undefined) putBack(fileSystem, moved, layout.analysis);
      }),
  };
}

/** Takes each lock by its protocol, which alone may replace a holder that is gone. The first one sweeps the owner files. */
async function clearLocks(options: RepairOptions, files: readonly string[]): Promise<void> {
  const names = files.flatMap((file) => /\/\.locks\/([^/]+)\.lock$/.exec(file)?.[1] ?? []);
  for (const name of [".create", ...names]) await options.locks.under(name, () => {});
}
