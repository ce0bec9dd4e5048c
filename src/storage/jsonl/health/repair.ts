import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type AgentName, existingAgentNameSchema } from "../../../domain/agent-name.ts";
import type { KaizenError } from "../../../errors.ts";
import type { Finding, OnProgress } from "../../health.ts";
import type { ExecutionStore } from "../../store.ts";
import { appendLines, endLastLine } from "../append.ts";
import { isTemporary } from "../atomic-file.ts";
import { finishDrains, GRACE_MS, lateLines } from "../drain.ts";
import type { JsonlAgentsOptions } from "../executions.ts";
import { READ, readRange, removeFile, statusAt, statusOf, withFile } from "../file-system.ts";
import { translateFsError } from "../fs-errors.ts";
import { keepLines } from "../locked-lines.ts";
import { lineFilesOf } from "./examine-agent.ts";
import { isAnalysis, optimizerLines, quarantineOf } from "./examine-optimizer.ts";
import type { LineFile } from "./line-files.ts";

export interface RepairOptions extends JsonlAgentsOptions {
  readonly executions: ExecutionStore;
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
  const works: { readonly what: string; readonly work: () => Promise<void> }[] = agents.map((agent) => ({
    what: agent,
    work: () => repairAgent(options, agent, mendable),
  }));
  const ofStore = mendable.filter(({ agent }) => agent === undefined).map(({ file }) => file);
  if (ofStore.some((file) => file.includes("/optimizer/"))) {
    works.push({ what: "optimizer", work: () => repairOptimizer(options) });
  }
  if (ofStore.some((file) => file.includes("/.locks/"))) {
    works.push({ what: "locks", work: () => clearLocks(options, ofStore) });
  }
  if (agents.length > 0) works.push({ what: "old files", work: () => finishRewrites(options, agents) });
  const failures: KaizenError[] = [];
  for (const [done, { what, work }] of works.entries()) {
    onProgress(what, done, works.length);
    await work().catch((error: unknown) => failures.push(translateFsError(error, `repairing ${what}`)));
  }
  return failures;
}

async function repairAgent(options: RepairOptions, agent: AgentName, mendable: readonly Finding[]): Promise<void> {
  const { executions, fileSystem, layout, now } = options;
  const files = layout.agent(agent);
  const isOfIndex = ({ file }: Finding) => file.includes(`/${basename(files.folder)}/${basename(files.index)}/`);
  const inIndex = mendable.filter((finding) => finding.agent === agent && isOfIndex(finding));
  await underLock(options, agent, async () => {
    // What a killed writer has left is cleared also where there is no log.
    finishDrains(fileSystem, files.log, now());
    const isDamaged = inIndex.some(({ kind }) => kind === "damage");
    // One part of an index is no use without the others.
    const names = isDamaged ? fileSystem.readdirSync(files.index) : inIndex.map(({ file }) => basename(file));
    for (const name of names) removeFile(fileSystem, join(files.index, name));
    // Also where there is no log, so that the store's own repair has nothing to begin with.
    for (const file of lineFilesOf({ layout }, agent)) await repairLines(options, file);
  });
  await executions.repair(agent);
}

async function repairLines({ fileSystem }: RepairOptions, { isReadable, path, quarantine }: LineFile): Promise<void> {
  endLastLine(fileSystem, path);
  // First into the quarantine, then out of the file: a crash in between leaves them in both, and loses nothing.
  await keepLines(fileSystem, path, isReadable, (lines) => appendLines(fileSystem, quarantine, lines));
}

/** A rewritten log keeps its old file for late lines, for so long as somebody may still have it open. */
async function finishRewrites(options: RepairOptions, agents: readonly AgentName[]): Promise<void> {
  const { executions, fileSystem, layout } = options;
  const old = agents.filter((agent) => lateLines(fileSystem, layout.agent(agent).log).length > 0);
  if (old.length > 0) await delay(GRACE_MS * 1.1);
  for (const agent of old) await executions.repair(agent);
}

async function repairOptimizer(options: RepairOptions): Promise<void> {
  const { fileSystem, layout } = options;
  await underLock(options, "optimizer", async () => {
    for (const name of fileSystem.readdirSync(layout.optimizer)) {
      if (isTemporary(name)) removeFile(fileSystem, join(layout.optimizer, name));
    }
    for (const file of optimizerLines(layout)) await repairLines(options, file);
    if (statusAt(fileSystem, layout.analysis) === undefined) return;
    const bytes = withFile(fileSystem, layout.analysis, READ, (fd) =>
      readRange(fileSystem, fd, 0, statusOf(fileSystem, fd).size),
    );
    if (isAnalysis(bytes)) return;
    appendLines(fileSystem, quarantineOf(layout.analysis), Buffer.concat([bytes, Buffer.from("\n")]));
    removeFile(fileSystem, layout.analysis);
  });
}

/** Takes each lock by its protocol, which alone may replace a holder that is gone. The first one sweeps the owner files. */
async function clearLocks(options: RepairOptions, files: readonly string[]): Promise<void> {
  const names = files.flatMap((file) => /\/\.locks\/([^/]+)\.lock$/.exec(file)?.[1] ?? []);
  for (const name of [".create", ...names]) await underLock(options, name, () => {});
}

async function underLock(options: RepairOptions, name: string, work: () => Promise<void> | void): Promise<void> {
  const lock = await options.locks.acquire(name);
  try {
    await work();
  } finally {
    lock.release();
  }
}
