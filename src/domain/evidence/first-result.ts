import { readCommandLine } from "./commands/command-line.ts";
import { type CommandStep, judge } from "./commands/judge.ts";
import { editsIn } from "./commands/shell-edit.ts";
import type { Seen } from "./evidence.ts";
import type { Step } from "./seen.ts";

/** What the main conversation's tests say of a run that ended before: their first result, before anything is edited. */
export class FirstResult {
  #isOver = false;
  #seen: Extract<Seen, "green_after" | "red_after"> | undefined;

  get seen(): "green_after" | "red_after" | undefined {
    return this.#seen;
  }

  /** Takes the steps after the run's end, in their order. */
  add(step: Step): void {
    if (this.#isOver) return;
    const found = step.kind === "edit" ? "edit" : resultOf(step);
    this.#isOver = found !== undefined;
    if (found === "green_after" || found === "red_after") this.#seen = found;
  }

  /** Something may have been edited: what is tested from here on is not the run's work alone. */
  end(): void {
    this.#isOver = true;
  }
}

function resultOf(step: CommandStep): "edit" | "green_after" | "red_after" | undefined {
  const line = readCommandLine(step.command);
  if (editsIn(line, step.cwd).length > 0) return "edit";
  const judgement = judge(step, line);
  if (judgement?.type !== "test" || judgement.outcome === "none") return undefined;
  return judgement.outcome === "pass" ? "green_after" : "red_after";
}
