import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Facts } from "../../../src/domain/evidence/evidence.ts";
import { temporaryFolder } from "../../support/places.ts";
import { KEY } from "../hook-project.ts";
import { EvidenceProject } from "./evidence-project.ts";

/** A project with a check that a person has set up: it passes as long as the file `f` says "good". */
export class CheckedProject extends EvidenceProject {
  readonly log = join(temporaryFolder(), "checks");

  /** `line` is what the check does besides, and `f` what the file says before any run. */
  static async with({ f = "good", line = "", timeoutS = 60 } = {}): Promise<CheckedProject> {
    const project = new CheckedProject({ takesPart: false });
    project.write("f", f);
    const check = `pwd >> '${project.log}'; ${line === "" ? "" : `${line};`} grep -q good f`;
    await project.init("--check", check, "--check-timeout", String(timeoutS), "--yes");
    project.commit();
    return project;
  }

  /** A run that leaves the file so, and what became of the check of it. */
  async edits(content: string, key = KEY, more: Record<string, unknown> = {}): Promise<Facts> {
    await this.agentRuns(
      (lines) => {
        this.write("f", content);
        lines.edited(join(this.root, "f"));
      },
      { key, more },
    );
    return this.untilChecked(key);
  }

  /** What is known of a run once nothing is at work any more. */
  async untilChecked(key = KEY): Promise<Facts> {
    await this.untilIdle();
    return (await this.facts(key)) ?? {};
  }

  /** The folders in which the check has run. */
  checks(): string[] {
    return existsSync(this.log) ? readFileSync(this.log, "utf8").trimEnd().split("\n") : [];
  }
}
