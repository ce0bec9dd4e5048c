import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { evidenceLineSchema, type Facts } from "../../../src/domain/evidence/evidence.ts";
import type { ScriptedModel } from "../model/scripted-model.ts";
import { claudeCode } from "../programs/claude-code.ts";
import type { Start } from "../programs/client.ts";
import { User } from "../user.ts";

/** What is put on the PATH in the place of gh: it says of each commit what a file of its name says. */
const FAKE_GH = `#!/bin/sh
cat "$(dirname "$0")/answers/$4" 2> /dev/null || echo '[]'
`;

export const AGENT = "general-purpose";
const logs = `.kaizen/metrics/${AGENT}`;

const executionsSchema = z.object({
  executions: z.array(z.looseObject({ id: z.string(), success: z.boolean(), recorded_by: z.string().optional() })),
  verifications: z
    .record(z.string(), z.array(z.looseObject({ success: z.boolean(), verified_by: z.string() })))
    .optional(),
});

/** A user of Claude Code, with a stand-in for gh. */
export class Scene extends User {
  readonly #answers: string;
  readonly #claude: Omit<Start, "user">;

  constructor(place: string, claude: Omit<Start, "user">) {
    super(place);
    this.#claude = claude;
    this.#answers = join(this.hasProgram("gh", FAKE_GH), "answers");
    mkdirSync(this.#answers);
  }

  ghSays(commit: string, conclusion: string): void {
    const run = { conclusion, status: "completed", workflowName: "Tests", headSha: commit, event: "push" };
    writeFileSync(join(this.#answers, commit), JSON.stringify([{ ...run, url: "https://ci.example/1" }]));
  }

  /** A conversation from its one prompt to its end. */
  async converse(model: ScriptedModel, prompt: string): Promise<string> {
    const of = { ...this.#claude, user: this };
    const { status, stderr, stdout } = await this.run(claudeCode.line(of, prompt), {
      env: claudeCode.env(of, model.url),
      lastSeen: () => model.log.slice(-5).join("\n"),
    });
    if (status !== 0) throw new Error(`Claude Code ended with ${status}: ${stdout}${stderr}`);
    return stdout;
  }

  /** All that is known of each run, in the order in which they were first seen. */
  facts(): Facts[] {
    const runs = new Map<string, Facts>();
    for (const line of this.textOf(`${logs}/evidence.jsonl`).split("\n")) {
      if (line === "") continue;
      const { key, ...facts } = evidenceLineSchema.parse(JSON.parse(line));
      runs.set(key, { ...runs.get(key), ...facts });
    }
    return [...runs.values()];
  }

  /** The runs on record, newest first, each with the words on it. */
  runs() {
    if (this.textOf(`${logs}/executions.jsonl`) === "") return [];
    const json = this.kaizen("executions", AGENT, "--json");
    const { executions, verifications = {} } = executionsSchema.parse(JSON.parse(json));
    return executions.map((run) => ({ ...run, words: verifications[run.id] ?? [] }));
  }
}
