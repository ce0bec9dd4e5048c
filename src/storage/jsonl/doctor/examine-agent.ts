import { join } from "node:path";
import { decodeLifecycleEvent, NO_LIFECYCLE_EVENT } from "../../../adr004/lifecycle-line.ts";
import { decodeVerification, NO_VERIFICATION } from "../../../adr004/verification-line.ts";
import { type AgentName, agentNameSchema, foldAgentName } from "../../../domain/run/agent-name.ts";
import type { RetentionDays } from "../../../domain/run/retention.ts";
import { isTemporary } from "../files/atomic-file.ts";
import { statusAt } from "../files/file-system.ts";
import { hasErrno } from "../files/fs-errors.ts";
import { linesOf } from "../files/layout.ts";
import { stableRead } from "../files/stable-read.ts";
import { lateLines } from "../journal/late-appends.ts";
import { examineDerived } from "./examine-derived.ts";
import { examineIndex } from "./examine-index.ts";
import { examineLog } from "./examine-log.ts";
import { examineNested } from "./examine-unexpected.ts";
import type { Findings } from "./findings.ts";
import { examineLines, examineQuarantine, type LineFile } from "./line-files.ts";
import { isHeld } from "./locks-in-use.ts";

/** Looks at every file of one agent. */
export async function examineAgent(
  findings: Findings,
  agent: AgentName,
  context: { retentionDays: RetentionDays; now: number },
): Promise<void> {
  const { fileSystem, layout } = findings;
  const files = layout.agent(agent);
  findings.agent = agent;
  const names = findings.names(files.folder);
  await examineLog(findings, files);
  try {
    if (layout.hasLog(agent)) await examineDerived(findings, { agent, files, ...context });
  } catch (error) {
    // What stands in the place of the log was told by now.
    if (fileSystem.lstatSync(files.log, { throwIfNoEntry: false })?.isFile()) findings.unreadable(files.log, error);
  }
  for (const file of lineFilesOf(findings, agent)) await examineLines(findings, file);
  for (const path of [files.quarantine, files.verificationsQuarantine, files.lifecycleQuarantine]) {
    await examineQuarantine(findings, path);
  }
  await examineIndex(findings, files.index, agent);
  examineNested(findings, files.folder, names);
  examineLeftovers(findings, { folder: files.folder, names, lock: agent });
  await examineLateLines(findings, linesOf(files));
}

/** The files of lines that only we write to. */
export function lineFilesOf({ layout }: Pick<Findings, "layout">, agent: AgentName): LineFile[] {
  const files = layout.agent(agent);
  return [
    {
      path: files.verifications,
      quarantine: files.verificationsQuarantine,
      isReadable: (line) => decodeVerification(line) !== undefined,
      reason: NO_VERIFICATION,
    },
    {
      path: files.lifecycle,
      quarantine: files.lifecycleQuarantine,
      isReadable: (line) => decodeLifecycleEvent(line) !== undefined,
      reason: NO_LIFECYCLE_EVENT,
    },
  ];
}

/** Looks for lines that others added to files of one folder while they were rewritten, and that nobody has carried over. */
export async function examineLateLines(findings: Findings, paths: readonly string[]): Promise<void> {
  const look = async () => pendingLines(findings, paths);
  for (const { isOurs, link, lines } of await stableRead(findings, paths, look)) {
    const [what, where] = lines === 1 ? ["1 line was", "is"] : [`${lines} lines were`, "are"];
    const how = isOurs ? "added late to a log that was rewritten" : "brought by a copy or a clone of this folder";
    const reason = `${what} ${how}, and ${where} not in the log yet`;
    findings.add(link, { kind: "damage", reason, lost: true, repair: "carries them over" });
  }
}

function pendingLines({ fileSystem }: Findings, paths: readonly string[]) {
  try {
    return lateLines(fileSystem, paths).filter(({ lines }) => lines > 0);
  } catch (error) {
    // Somebody has just carried them over.
    if (hasErrno(error, "ENOENT")) return [];
    throw error;
  }
}

/** Looks for files under way whose writer was killed: while nobody has the lock, nothing is under way. */
export function examineLeftovers(
  findings: Findings,
  { folder, lock, names }: { folder: string; lock: string; names: readonly string[] },
): void {
  const underWay = names.filter((name) => isTemporary(name) || name.includes(".rewrite-"));
  if (underWay.length === 0 || isHeld(findings, lock)) return;
  for (const name of underWay) {
    const path = join(folder, name);
    if (statusAt(findings.fileSystem, path) === undefined) continue;
    const reason = "a file under way, whose writer was killed";
    findings.add(path, { kind: "leftover", reason, lost: false, repair: "removes it" });
  }
}

/** Agents whose names nobody can give, or would be one on a file system that ignores case, or the form of Unicode. */
export function examineNames(findings: Findings, agents: readonly AgentName[]): void {
  const first = new Map<string, AgentName>();
  for (const agent of agents) {
    examineName(findings, agent);
    const folded = foldAgentName(agent);
    const other = first.get(folded);
    first.set(folded, other ?? agent);
    if (other === undefined) continue;
    const { folder } = findings.layout.agent(agent);
    findings.add(folder, {
      kind: "damage",
      reason: `its name differs only in case or spelling from ${other}: on some file systems one would hide the other`,
      lost: false,
      advice: `Bring its runs to ${other} (kaizen-metrics import ${findings.name(folder)} --agent ${other}), then remove the folder.`,
    });
  }
}

/** Another writer may have used a name that we would not give, or that an earlier file system allowed. */
function examineName(findings: Findings, agent: AgentName): void {
  const problem = agentNameSchema.safeParse(agent).error?.issues[0]?.message;
  if (problem === undefined) return;
  const { folder } = findings.layout.agent(agent);
  findings.add(folder, {
    kind: "remark",
    reason: `no run can be recorded under its name (${problem}); the runs that are there count`,
    lost: false,
    advice: `Bring them to a name of their own (kaizen-metrics import ${findings.name(folder)} --agent NAME), then remove the folder.`,
  });
}
