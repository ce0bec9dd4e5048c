import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { LifecycleEvent } from "../../src/domain/coverage/lifecycle-event.ts";
import type { Kaizen } from "../../src/kaizen/kaizen.ts";
import { openKaizen } from "../../src/open-kaizen.ts";
import { type Ran, runCommand } from "../support/command.ts";
import { runCommandHere } from "../support/command-here.ts";
import { temporaryFolder } from "../support/places.ts";

/** The run that the payloads in `test/fixtures/hooks` are about, and the session that it is in. */
export const KEY = "a3f9c2d17be40586e";
const SESSION = "5c1f0e6a-3b1d-4a57-9a43-0f8a2c6f7d11";

type Payload = Record<string, unknown>;

/** A project that Claude Code is at work in, with a folder of its own for transcripts. */
export class HookProject {
  readonly root: string;
  readonly transcripts = temporaryFolder();
  readonly kaizen: Kaizen;
  /** What the client has in its environment besides. */
  env: Readonly<Record<string, string | undefined>> = {};
  /** Whether each hook has a process, as a client gives it one; where it makes no difference, the test's own will do. */
  readonly hasProcesses: boolean;

  constructor(options: { root?: string; takesPart?: boolean; hasProcesses?: boolean } = {}) {
    this.hasProcesses = options.hasProcesses ?? false;
    this.root = options.root ?? temporaryFolder();
    mkdirSync(join(this.root, ".git"), { recursive: true });
    if (options.takesPart ?? true) {
      const server = { command: "node", args: ["/opt/kaizen-metrics/dist/main.js"] };
      this.write(".mcp.json", JSON.stringify({ mcpServers: { "kaizen-metrics": server } }));
    }
    const kaizen = openKaizen({ projectRoot: this.root, retentionDays: 180, onNotice: () => {} });
    onTestFinished(() => kaizen.close());
    this.kaizen = kaizen;
  }

  /** A payload as it is documented, with what a test says instead; `undefined` takes a field out. */
  payload(name: string, more: Payload = {}): string {
    const written = readFileSync(new URL(`../fixtures/hooks/${name}.json`, import.meta.url), "utf8");
    const placed = written.replaceAll("PROJECT", this.root).replaceAll("TRANSCRIPTS", this.transcripts);
    return JSON.stringify({ ...JSON.parse(placed), ...more });
  }

  /** Runs the hook as the client does, with time enough for a machine that others are busy on. */
  hook(event: string, stdin: string, env: Record<string, string | undefined> = {}, limitMs = 600_000): Promise<Ran> {
    const run = this.hasProcesses ? runCommand : runCommandHere;
    const args = ["hook", event, "--limit", String(limitMs)];
    return run(args, { cwd: this.root, env: { CLAUDE_PROJECT_DIR: this.root, ...this.env, ...env }, stdin });
  }

  async start(more: Payload = {}): Promise<string> {
    return contextIn(await this.hook("subagent-start", this.payload("subagent-start", more)), "SubagentStart");
  }

  async stop(more: Payload = {}, name = "subagent-stop"): Promise<Ran> {
    return silent(await this.hook("subagent-stop", this.payload(name, more)));
  }

  /** Puts a transcript where the payloads say that the run's own is. */
  transcript(name: string, key = KEY): string {
    const path = this.transcriptPath(key);
    const text = readFileSync(new URL(`../fixtures/hooks/${name}.jsonl`, import.meta.url), "utf8");
    writeFileSync(path, text.replaceAll(KEY, key));
    return path;
  }

  transcriptPath(key = KEY): string {
    const folder = join(this.transcripts, SESSION, "subagents");
    mkdirSync(folder, { recursive: true });
    return join(folder, `agent-${key}.jsonl`);
  }

  write(name: string, text: string): void {
    mkdirSync(join(this.root, name, ".."), { recursive: true });
    writeFileSync(join(this.root, name), text);
  }

  /** The names of all agents' folders, and of the files in one. */
  agents(): string[] {
    return readdirSync(join(this.root, ".kaizen", "metrics")).filter((name) => !name.startsWith("."));
  }

  filesOf(agent: string): string[] {
    return readdirSync(join(this.root, ".kaizen", "metrics", agent));
  }

  lifecycle(agent = "code-reviewer"): LifecycleEvent[] {
    const path = join(this.root, ".kaizen", "metrics", agent, "lifecycle.jsonl");
    return readFileSync(path, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as LifecycleEvent);
  }

  async coverage(agent = "code-reviewer") {
    return (await this.kaizen.summary(agent)).coverage;
  }

  async runs(agent = "code-reviewer") {
    return (await this.kaizen.executions(agent, { filter: {}, limit: 10 })).executions.map(({ record }) => record);
  }
}

/** What a hook has given to the conversation. */
export function contextIn({ status, stderr, stdout }: Ran, event: string): string {
  if (status !== 0 || stderr !== "") throw new Error(`ended with ${status}; stderr: ${stderr}`);
  // What its user is told besides stands in the context too.
  const { hookSpecificOutput: output, systemMessage: _, ...others } = JSON.parse(stdout);
  if (output.hookEventName !== event || Object.keys(others).length > 0) throw new Error(`said ${stdout}`);
  return output.additionalContext;
}

/** A hook that has done what it should, with nothing to say. */
export function silent(ran: Ran): Ran {
  if (ran.status !== 0 || ran.stdout !== "" || ran.stderr !== "") throw new Error(JSON.stringify(ran));
  return ran;
}
