import { ChildProcess, execFileSync } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { EventEmitter } from "node:events";
import { readdirSync, readFileSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { onTestFinished } from "vitest";
import type { EvidenceLine, Facts } from "../../../src/domain/evidence/evidence.ts";
import { parseAgentName } from "../../../src/domain/run/agent-name.ts";
import type { Ran } from "../../support/command.ts";
import { runCommandHere } from "../../support/command-here.ts";
import { HookProject, KEY } from "../hook-project.ts";
import { RunLines } from "./run-lines.ts";

export const AGENT = "code-reviewer";

/** A project of Claude Code's with a real repository, whose runs leave evidence. */
export class EvidenceProject extends HookProject {
  constructor(options: { root?: string; isRepository?: boolean; takesPart?: boolean } = {}) {
    super(options);
    if (options.isRepository ?? true) this.git("init", "-q", "-b", "main");
    // Nothing may write into a folder that is being removed.
    onTestFinished(() => this.untilIdle());
  }

  git(...args: readonly string[]): string {
    const user = ["-c", "user.name=n", "-c", "user.email=n@localhost"];
    return execFileSync("git", [...user, ...args], { cwd: this.root, encoding: "utf8", stdio: "pipe" }).replace(
      /\n$/,
      "",
    );
  }

  /** Commits everything, and gives the commit's id. */
  commit(): string {
    this.git("add", "-A");
    this.git("commit", "-qm", "c");
    return this.git("rev-parse", "HEAD");
  }

  run(...args: readonly string[]): Promise<Ran> {
    return runCommandHere(args, { root: this.root, env: this.env });
  }

  /** What a person sets up, with what they choose besides. */
  async init(...args: readonly string[]): Promise<void> {
    const { status, stderr } = await this.run("init", "--client", "claude-code", ...args);
    if (status !== 0) throw new Error(stderr);
  }

  /** A run, from its beginning to its end: what it does to the files, and what its transcript says of that. */
  async agentRuns(does: (lines: RunLines) => void, of: { key?: string; more?: Record<string, unknown> } = {}) {
    const { key = KEY, more = {} } = of;
    await this.start({ agent_id: key, ...more });
    return this.agentEnds(does, of);
  }

  async agentEnds(does: (lines: RunLines) => void, of: { key?: string; more?: Record<string, unknown> } = {}) {
    const { key = KEY, more = {} } = of;
    const lines = new RunLines(key, this.root);
    does(lines);
    const path = this.transcriptPath(key);
    writeFileSync(path, lines.text);
    return this.stop({ agent_id: key, agent_transcript_path: path, ...more });
  }

  /** All that is known of a run. */
  async facts(key = KEY, agent = AGENT): Promise<Facts | undefined> {
    return (await this.kaizen.evidence.find(key, parseAgentName(agent)))?.run.facts;
  }

  /** Waits until the run's facts are as they are to be: a process that nothing waits for is at work. */
  async untilFacts(isIt: (facts: Facts) => boolean, key = KEY): Promise<Facts> {
    let changed = () => {};
    const watcher = watch(join(this.root, ".kaizen", "metrics", AGENT), () => changed());
    try {
      for (;;) {
        const change = new Promise<void>((resolve) => {
          changed = resolve;
        });
        const facts = await this.facts(key);
        if (facts !== undefined && isIt(facts)) return facts;
        await change;
      }
    } finally {
      watcher.close();
    }
  }

  /** Waits until nothing runs any more that was started for the project; only Linux tells. */
  async untilIdle(): Promise<void> {
    while (this.isAtWork()) await nextEnd();
  }

  isAtWork(): boolean {
    return process.platform === "linux" && isAtWorkFor(this.root);
  }

  evidence(agent = AGENT): EvidenceLine[] {
    const text = readFileSync(join(this.root, ".kaizen", "metrics", agent, "evidence.jsonl"), "utf8");
    return text
      .trimEnd()
      .split("\n")
      .map((line): EvidenceLine => JSON.parse(line));
  }

  /** The words that stand on a run, with how it got on record. */
  async verdicts(agent = AGENT) {
    const { executions, verifications } = await this.kaizen.executions(agent, { filter: {}, limit: 50 });
    return executions.map(({ record }) => {
      const words = verifications.get(String(record.id)) ?? [];
      const said = words.map(({ evidence, matched, success, verified_by, via }) => ({
        ...{ evidence, matched, success, verified_by, via },
      }));
      return { key: record.idempotency_key, success: record.success, recorded_by: record.recorded_by, said };
    });
  }

  /** The files below the store that hold a text. */
  storedIn(text: string): string[] {
    const store = join(this.root, ".kaizen");
    const files = readdirSync(store, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return files
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => readFileSync(file, "utf8").includes(text));
  }
}

/** Every process that a hook has started has this variable from it. */
function isAtWorkFor(root: string): boolean {
  return readdirSync("/proc").some((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, "utf8").includes(`CLAUDE_PROJECT_DIR=${root}\0`);
    } catch {
      // It has ended meanwhile.
      return false;
    }
  });
}

const ends = new EventEmitter().setMaxListeners(0);
subscribe("child_process", (message) => {
  if (message instanceof Object && "process" in message && message.process instanceof ChildProcess)
    message.process.once("exit", () => ends.emit("end"));
});

/** A process that was started here has ended; or some time has gone by, for those that were started elsewhere. */
function nextEnd(): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      ends.off("end", done);
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, 100);
    ends.on("end", done);
  });
}

/** Instants are kept to the second: what began in the one in which another ended may have met it. */
export function nextSecond(): Promise<void> {
  return delay(1000 - (Date.now() % 1000));
}
