import { mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const sample = readFileSync(new URL("../fixtures/evidence/claude-sample.jsonl", import.meta.url), "utf8");
const SAMPLE_START = Date.parse("2026-11-28T10:00:00Z");
const HOUR_MS = 3_600_000;

/** The sample run of Claude Code, as one of another key, place and time. */
export function pastTranscript({ at, cwd, key }: { key: string; cwd: string; at: number }): string {
  const moved = (text: string) => new Date(Date.parse(text) - SAMPLE_START + at).toISOString();
  return sample
    .replaceAll("a3f9c2d17be4", key)
    .replaceAll("/repo", JSON.stringify(cwd).slice(1, -1))
    .replaceAll(/2026-11-28T10:[\d:.]+Z/g, moved);
}

export interface PastRunOptions {
  readonly hoursAgo?: number;
  /** Where it was at work, if not in the project itself. */
  readonly cwd?: string;
  readonly session?: string;
  /** What the client calls the agent; `null` leaves the file that says it out. */
  readonly type?: string | null;
  /** As older versions of the client laid them out: beside the sessions. */
  readonly beside?: boolean;
  readonly text?: string;
}

/** The folder in which Claude Code keeps what is its own, with runs of subagents of the past. */
export class ClientFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Writes a run's transcript, and gives its path. */
  add(project: string, key: string, options: PastRunOptions = {}): string {
    const { beside = false, cwd = project, hoursAgo = 24, session = "s-1", type = "coder" } = options;
    const at = Date.now() - hoursAgo * HOUR_MS;
    const folder = beside ? this.of(project) : join(this.of(project), session, "subagents");
    const path = join(folder, `agent-${key}.jsonl`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, options.text ?? pastTranscript({ key, cwd, at }));
    if (type !== null) writeFileSync(path.replace(/jsonl$/, "meta.json"), JSON.stringify({ agentType: type }));
    utimesSync(path, at / 1000, at / 1000);
    return path;
  }

  /** The folder of a project: each other character of its path is a dash. */
  of(project: string): string {
    return join(this.path, "projects", project.replaceAll(/[^A-Za-z0-9]/g, "-"));
  }
}
