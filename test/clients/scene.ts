import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as z from "zod";
import { checkout } from "../../src/build/bundle.ts";
import { evidenceLineSchema, type Facts } from "../../src/domain/evidence/evidence.ts";
import { runClaudeCode } from "./claude-code.ts";
import type { ScriptedModel } from "./scripted-model.ts";

export const server = join(checkout, "dist", "main.js");

/** What is put on the PATH in the place of gh: it says of each commit what a file of its name says. */
const FAKE_GH = `#!/bin/sh
cat "$(dirname "$0")/answers/$4" 2> /dev/null || echo '[]'
`;

/** How long anything may take that nothing waits for; nothing is measured with it. */
const LONGEST_MS = 120_000;
export const AGENT = "general-purpose";

const executionsSchema = z.object({
  executions: z.array(z.looseObject({ id: z.string(), success: z.boolean(), recorded_by: z.string().optional() })),
  verifications: z
    .record(z.string(), z.array(z.looseObject({ success: z.boolean(), verified_by: z.string() })))
    .optional(),
});

/** A user with a home, a project in an empty repository, and a stand-in for gh. */
export class Scene {
  readonly project: string;
  readonly #home: string;
  readonly #programs: string;
  readonly #claude: string;

  constructor(place: string, claude: string) {
    const folder = mkdtempSync(join(place, "scene-"));
    this.project = join(folder, "project");
    this.#home = join(folder, "home");
    this.#programs = join(folder, "programs");
    this.#claude = claude;
    for (const one of [this.project, this.#home, join(this.#programs, "answers")]) mkdirSync(one, { recursive: true });
    writeFileSync(join(this.#programs, "gh"), FAKE_GH, { mode: 0o755 });
    this.git("init", "-q");
  }

  get #env(): Record<string, string> {
    return { PATH: `${this.#programs}:${process.env.PATH}`, HOME: this.#home };
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.project, name)), { recursive: true });
    writeFileSync(join(this.project, name), text);
  }

  git(...args: readonly string[]): string {
    const user = ["-c", "user.name=n", "-c", "user.email=n@localhost"];
    return execFileSync("git", [...user, ...args], { cwd: this.project, encoding: "utf8", env: this.#env }).trim();
  }

  /** Runs our program as a person does, in a shell of no agent. */
  kaizen(...args: readonly string[]): string {
    return execFileSync(process.execPath, [server, ...args], { cwd: this.project, encoding: "utf8", env: this.#env });
  }

  /** What our program prints, whatever its status. */
  says(...args: readonly string[]): string {
    return spawnSync(process.execPath, [server, ...args], { cwd: this.project, encoding: "utf8", env: this.#env })
      .stdout;
  }

  ghSays(commit: string, conclusion: string): void {
    const run = { conclusion, status: "completed", workflowName: "Tests", headSha: commit, event: "push" };
    writeFileSync(join(this.#programs, "answers", commit), JSON.stringify([{ ...run, url: "https://ci.example/1" }]));
  }

  /** A conversation from its one prompt to its end. */
  async converse(model: ScriptedModel, prompt: string): Promise<string> {
    const of = { project: this.project, home: this.#home, modelUrl: model.url, prompt, env: this.#env };
    const { status, stderr, stdout } = await runClaudeCode(this.#claude, of);
    if (status !== 0) throw new Error(`Claude Code ended with ${status}: ${stdout}${stderr}`);
    return stdout;
  }

  /** All that is known of each run, in the order in which they were first seen. */
  facts(): Facts[] {
    const runs = new Map<string, Facts>();
    for (const line of this.#textOf("evidence.jsonl").split("\n")) {
      if (line === "") continue;
      const { key, ...facts } = evidenceLineSchema.parse(JSON.parse(line));
      runs.set(key, { ...runs.get(key), ...facts });
    }
    return [...runs.values()];
  }

  #textOf(name: string): string {
    const file = join(this.project, ".kaizen", "metrics", AGENT, name);
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }

  /** The runs on record, newest first, each with the words on it. */
  runs() {
    if (this.#textOf("executions.jsonl") === "") return [];
    const json = this.kaizen("executions", AGENT, "--json");
    const { executions, verifications = {} } = executionsSchema.parse(JSON.parse(json));
    return executions.map((run) => ({ ...run, words: verifications[run.id] ?? [] }));
  }

  /** What becomes so while nothing waits for it; `undefined` if it does not. */
  async until<T>(look: () => T | undefined): Promise<T | undefined> {
    const end = Date.now() + LONGEST_MS;
    for (;;) {
      const found = look();
      if (found !== undefined || Date.now() > end) return found;
      await delay(100);
    }
  }
}
