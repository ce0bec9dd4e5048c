import { basename, join } from "node:path";
import { quarantineOf } from "../../../adr004/catalogue.ts";
import { existingAgentNameSchema } from "../../../domain/run/agent-name.ts";
import type { AgentFiles } from "../files/places.ts";
import type { Findings } from "./findings.ts";

/** Mentions what stands among the agents' folders and can be no agent's. The store neither reads nor touches it. */
export function examineUnexpected(findings: Findings, names: readonly string[]): void {
  const { layout } = findings;
  const ours = [layout.locks, layout.optimizer.folder].map((path) => basename(path));
  for (const name of names.filter((name) => !ours.includes(name))) {
    const path = join(layout.metrics, name);
    const kind = kindOf(findings, path);
    // What begins with a dot is left by file managers and editors.
    if (kind === "file" && !name.startsWith(".")) {
      findings.add(path, { kind: "remark", reason: "a file among the agents' folders; it is not read", lost: false });
    } else if (kind === "folder" && !existingAgentNameSchema.safeParse(name).success) {
      addFolder(findings, path, "a folder whose name no agent can have");
    }
  }
}

/** Mentions folders within an agent's folder: an agent's name is one folder, and not a path of several. */
export function examineNested(findings: Findings, files: AgentFiles, names: readonly string[]): void {
  const sources = [...files.journals, ...files.documents].flatMap(({ path }) => [path, quarantineOf(path)]);
  // A folder in the place of one of these is damage, and told as that.
  const ours = [...sources, files.summary, files.index];
  for (const name of names) {
    const path = join(files.folder, name);
    if (!name.startsWith(".") && !ours.includes(path) && kindOf(findings, path) === "folder") {
      addFolder(findings, path, "a folder within an agent's");
    }
  }
}

function addFolder(findings: Findings, path: string, what: string): void {
  const reason = `${what}; it is not read, and runs in it do not count`;
  const advice = `If it holds runs, kaizen-metrics import ${findings.name(path)} --agent NAME brings them to an agent.`;
  findings.add(path, { kind: "remark", reason, lost: false, advice });
}

function kindOf({ fileSystem }: Findings, path: string): "file" | "folder" | undefined {
  const stats = fileSystem.lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory()) return "folder";
  return stats?.isFile() ? "file" : undefined;
}
