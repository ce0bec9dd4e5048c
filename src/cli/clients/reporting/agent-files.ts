import { readdirSync } from "node:fs";
import { placeBelow, type RealFolder, realFolder } from "../../input/real-folder.ts";
import { readConfigFile } from "../files/config-file.ts";
import { REPORT_TOOL, REPORT_TOOL_OF_COPILOT } from "./report-tool.ts";

/** Where a client keeps the agents of a project. */
export interface AgentFolder {
  /** From the project's folder, with `/`. */
  readonly folder: string;
  readonly ending: RegExp;
  /** What the client calls the tool that reports a run. */
  readonly tool: string;
}

export const agentFolders = {
  "claude-code": { folder: ".claude/agents", ending: /\.md$/i, tool: REPORT_TOOL },
  vscode: { folder: ".github/agents", ending: /(?:\.agent)?\.md$/i, tool: REPORT_TOOL_OF_COPILOT },
  copilot: { folder: ".github/agents", ending: /(?:\.agent)?\.md$/i, tool: REPORT_TOOL_OF_COPILOT },
} as const satisfies Readonly<Record<string, AgentFolder>>;

export interface AgentFile {
  /** From the project's folder, with `/`. */
  readonly file: string;
  readonly text: string;
}

/** A clone may bring any number of them, of any size. */
export interface AgentFileLimits {
  readonly files: number;
  readonly bytes: number;
  /** Told of whatever is read, before it is worked on. */
  readonly onRead?: (bytes: number) => void;
}

export const USUAL_LIMITS: AgentFileLimits = { files: 1_000, bytes: 8 * 1024 * 1024 };
const DEEPEST = 5;

/** The user's own agents of Claude Code, below its folder; one of the project that has the same name takes its place. */
export const ownAgents = { folder: "agents", ending: agentFolders["claude-code"].ending };

/** The files of a project's agents that can be read, those that lie highest first; never through a link out of the project. */
export function* agentFilesIn(
  project: string,
  { ending, folder }: Pick<AgentFolder, "ending" | "folder">,
  { bytes, files, onRead = () => {} }: AgentFileLimits,
  first?: string,
): Generator<AgentFile> {
  const root = ifReadable(() => realFolder(project));
  if (root === undefined) return;
  let left = bytes;
  const names = namesBelow(root, folder, ending, files);
  // The name of an agent is mostly that of its file.
  const ordered =
    first === undefined ? names : names.toSorted((a, b) => Number(isFileOf(b, first)) - Number(isFileOf(a, first)));
  for (const file of ordered) {
    const text = ifReadable(() => readConfigFile(root, file, file).text);
    if (text === undefined) continue;
    left -= Buffer.byteLength(text);
    onRead(Buffer.byteLength(text));
    if (left < 0) return;
    yield { file, text };
  }
}

/** What an agent is called whose file says no name. */
export function nameOfFile(file: string): string {
  return file.replace(/^.*\//s, "").replace(/(?:\.agent)?\.[a-z]+$/i, "");
}

function isFileOf(file: string, name: string): boolean {
  return nameOfFile(file) === name;
}

function namesBelow(root: RealFolder, folder: string, ending: RegExp, most: number): string[] {
  const found: string[] = [];
  let level = [folder];
  for (let depth = 0; depth < DEEPEST && level.length > 0; depth += 1) {
    const next: string[] = [];
    for (const name of level) {
      // A link to a folder may lead in a circle, and so only the first folder may be one.
      const entries = ifReadable(() =>
        readdirSync(placeBelow(root, name.split("/")), { withFileTypes: true }).slice(0, 10 * most),
      );
      for (const entry of (entries ?? []).sort((a, b) => (a.name < b.name ? -1 : 1))) {
        const path = `${name}/${entry.name}`;
        if (entry.isDirectory()) next.push(path);
        else if (ending.test(entry.name)) found.push(path);
        if (found.length >= most) return found;
      }
    }
    level = next.slice(0, most);
  }
  return found;
}

/** What cannot be read, says nothing. */
function ifReadable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
