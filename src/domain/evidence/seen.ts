import { type CommandLine, readCommandLine } from "./commands/command-line.ts";
import { type CommandStep, type Judgement, judge } from "./commands/judge.ts";
import { editsIn, isTemporary, withoutPlace } from "./commands/shell-edit.ts";
import { type EvidenceFlag, type Facts, type Seen, type SeenTests, seenWithFlags } from "./evidence.ts";
import { decidesTests, isInOwnFolder, touchesOwnFolder } from "./test-configuration.ts";

/** What an agent did that says something of its tests, in its order. */
export type Step = CommandStep | { readonly kind: "edit"; readonly path: string; readonly cwd?: string | undefined };

type SeenFacts = Pick<Facts, "files" | "seen" | "checks" | "flags" | "tests"> & { readonly edits: number };

/** More files, commands and names than these are not told apart. */
const MOST_KEPT = 10_000;

/**
 * The verdict *seen* of a run, by its steps one after the other. No step is kept: what a command printed is judged when it
 * comes. Before the first edit, and while the agent's changes are stashed away, tests show what was so before: they are a
 * baseline.
 */
export class SeenSteps {
  #edits = 0;
  #commits = 0;
  #isStashed = false;
  readonly #files = new Set<string>();
  readonly #flags = new Set<EvidenceFlag>();
  readonly #tests = new TestRuns();
  /** By what they check: whether it was in order the last time. */
  readonly #checks = new Map<string, boolean>();
  #checkRuns = 0;

  add(step: Step): void {
    if (step.kind === "edit") {
      if (!isTemporary(step.path, step.cwd)) this.#edit([step.path]);
      return;
    }
    const line = readCommandLine(step.command);
    const stash = stashedIn(line);
    const judgement = judge(step, line);
    const isBaseline = this.#edits === 0 || stash.pushes || (this.#isStashed && !stash.pops);
    if (judgement?.type === "test") this.#tests.add(judgement, isBaseline);
    else if (judgement !== undefined) this.#check(judgement);
    if (stash.pushes || stash.pops) this.#isStashed = !stash.pops;
    if (line.commands.some(touchesOwnFolder)) this.#flags.add("tampered");
    if (step.exit === 0 && line.commands.some(isCommit)) this.#commits++;
    const edits = stash.pushes || stash.pops ? [] : editsIn(line, step.cwd);
    if (edits.length > 0) this.#edit(edits.flatMap(({ paths }) => paths));
  }

  facts(): SeenFacts {
    const tests = this.#tests.facts();
    if (this.#tests.ranFewer()) this.#flags.add("fewer_tests");
    const red = [...this.#checks.values()].filter((isInOrder) => !isInOrder).length;
    return {
      edits: this.#edits,
      files: this.#files.size,
      seen: this.#seen(),
      checks: { runs: this.#checkRuns, red },
      ...(this.#flags.size === 0 ? {} : { flags: [...this.#flags].sort() }),
      ...(tests === undefined ? {} : { tests }),
    };
  }

  #seen(): Seen {
    if (this.#edits + this.#commits === 0) return "no_edit";
    return seenWithFlags(this.#tests.seen(), this.#flags);
  }

  #edit(paths: readonly string[]): void {
    this.#edits++;
    this.#tests.becomeStale();
    for (const path of paths) {
      if (this.#files.size < MOST_KEPT) this.#files.add(path);
      if (decidesTests(path)) this.#flags.add("config_changed");
      if (isInOwnFolder(path)) this.#flags.add("tampered");
    }
  }

  #check({ outcome, same }: Judgement): void {
    this.#checkRuns++;
    if (outcome !== "none" && this.#checks.size < MOST_KEPT) this.#checks.set(same, outcome === "pass");
  }
}

/** The tests of a run: those since the last edit, and what is to be known of those before. */
class TestRuns {
  #count = 0;
  #lastRunner = "";
  /** The last result that could be read. */
  #last: Judgement | undefined;
  /** The last result of each command since the last edit. */
  readonly #fresh = new Map<string, Judgement>();
  /** Commands that have been green, and the most tests that each of them has run. */
  readonly #green = new Set<string>();
  readonly #most = new Map<string, number>();
  readonly #failedBefore = new Set<string>();

  add(judgement: Judgement, isBaseline: boolean): void {
    this.#count++;
    this.#lastRunner = runnerOf(judgement);
    if (judgement.outcome === "none") return;
    const { closing, failing, outcome, same } = judgement;
    this.#last = judgement;
    if (isBaseline)
      for (const name of failing ?? []) if (this.#failedBefore.size < MOST_KEPT) this.#failedBefore.add(name);
    if (outcome === "pass" && this.#green.size < MOST_KEPT) this.#green.add(same);
    const ran = (closing?.passed ?? 0) + (closing?.failed ?? 0);
    if (this.#most.size < MOST_KEPT) this.#most.set(same, Math.max(ran, this.#most.get(same) ?? 0));
    if (!isBaseline && this.#fresh.size < MOST_KEPT) this.#fresh.set(same, judgement);
  }

  becomeStale(): void {
    this.#fresh.clear();
  }

  /** Of a run that has changed something. */
  seen(): Seen {
    if (this.#count === 0) return "untested";
    if (this.#last === undefined) return "unreadable";
    if (this.#fresh.size === 0) return "stale";
    const red = [...this.#fresh.values()].filter(({ outcome }) => outcome === "fail");
    if (red.length === 0) return "green";
    if (red.every(({ failing }) => this.#allFailedBefore(failing))) return "known_red";
    return red.some(({ same }) => this.#green.has(same)) ? "turned_red" : "red";
  }

  /** Whether a command that is green ran fewer tests than it did before. */
  ranFewer(): boolean {
    return [...this.#fresh.values()].some(({ closing, outcome, same }) => {
      const most = this.#most.get(same) ?? 0;
      return outcome === "pass" && closing !== undefined && closing.passed + closing.failed < most;
    });
  }

  facts(): SeenTests | undefined {
    if (this.#count === 0) return undefined;
    const { closing, how } = this.#last ?? {};
    return {
      runner: this.#last === undefined ? this.#lastRunner : runnerOf(this.#last),
      runs: this.#count,
      passed: closing?.passed ?? 0,
      failed: closing?.failed ?? 0,
      how: how === undefined ? "none" : how === "exit" || how === "summary" ? how : "exit+summary",
    };
  }

  #allFailedBefore(failing: ReadonlySet<string> | undefined): boolean {
    return failing !== undefined && failing.size > 0 && [...failing].every((name) => this.#failedBefore.has(name));
  }
}

/** A script of a package is what its closing lines are of. */
function runnerOf({ closing, runner }: Judgement): string {
  return (runner === "package-script" || runner === "make" ? closing?.runner : undefined) ?? runner;
}

function isCommit({ words: [program, ...args] }: CommandLine["commands"][number]): boolean {
  return program === "git" && withoutPlace(args)[0] === "commit" && !args.includes("--dry-run");
}

/** Whether a line puts changes away, and whether it takes them back at its end. */
function stashedIn({ commands }: CommandLine): { pushes: boolean; pops: boolean } {
  const stashes = commands.flatMap(({ words: [program, ...args] }) => {
    const [verb, what = "push"] = program === "git" ? withoutPlace(args) : [];
    return verb === "stash" ? [what] : [];
  });
  const pops = (what: string) => /^(?:pop|apply)$/.test(what);
  const changes = stashes.filter((what) => pops(what) || /^(?:push|save|-.*)$/.test(what));
  return { pushes: changes.some((what) => !pops(what)), pops: pops(changes.at(-1) ?? "") };
}
