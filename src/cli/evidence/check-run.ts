import { dirname, isAbsolute, join, posix, relative, sep } from "node:path";
import { closingOf } from "../../domain/evidence/commands/closing-lines.ts";
import type { Facts } from "../../domain/evidence/evidence.ts";
import type { AgentName } from "../../domain/run/agent-name.ts";
import { KaizenError } from "../../errors.ts";
import { CheckMemory } from "../../evidence/check/check-memory.ts";
import type { CheckResult } from "../../evidence/check/check-result.ts";
import { runCheck } from "../../evidence/check/run-check.ts";
import { type CheckoutOptions, withCheckout, withCommitCheckout } from "../../evidence/git/checkout.ts";
import { withCommits } from "../../evidence/git/commits.ts";
import { findGit, findProgram, searchOf } from "../../evidence/git/find-program.ts";
import { findRepository } from "../../evidence/git/find-repository.ts";
import type { Kaizen } from "../../kaizen/kaizen.ts";
import { nameOfRoot } from "../../trust/seldom.ts";
import { statePlace } from "../../trust/state-folder.ts";
import { type CommandContext, realRoot } from "../frame/define-command.ts";
import { mayHaveEdited, storeFolder, type WorkingCopy } from "./working-copy.ts";

export interface CheckedRun {
  readonly context: CommandContext;
  readonly copy: WorkingCopy;
  readonly kaizen: Kaizen;
  readonly agent: AgentName;
  readonly key: string;
}

/** Writing a large tree takes a while, and nothing waits for it. */
const CHECKOUT_LIMIT_MS = 60_000;

/** What git leaves out, and a check needs to run: what was installed for the project. */
const installedFolders = ["node_modules", ".venv", "venv", "vendor", ".tox", "target", ".gradle"];

type Found = NonNullable<Facts["check"]>;

/**
 * Runs a person's own check on exactly the tree that a run has left, and verifies the run by its exit status. The run's
 * agent has no part in that: it neither starts the check nor reads its status. What the check comes to counts only if the
 * tree is still the same, if what decides the check was not changed in the run, and if it was green before.
 */
export async function checkRun(run: CheckedRun): Promise<void> {
  const { agent, copy, kaizen, key } = run;
  const facts = (await kaizen.evidence.find(key, agent))?.run.facts;
  const { check } = copy.settings;
  if (check === undefined || facts?.tree === undefined || !mayHaveEdited(facts)) return;
  if (facts.tree === facts.tree_start) return;
  if (facts.config_start === undefined || facts.config_start !== facts.config) return note(run, "changed");
  const place = await placeOf(run.context, check);
  const { result, tree } = (await checked(run, place)) ?? {};
  if (result === undefined || tree !== facts.tree) return note(run, "void");
  if (result.outcome === "timeout" || result.outcome === "not_started") return note(run, result.outcome);
  const wasRed = result.outcome === "failed" && (await isKnownRed(run, place, facts));
  await note(run, wasRed ? "known_red" : result.outcome);
  // Runs that shared a working copy have made the tree together: none of them alone is judged by it.
  const isShared = (await kaizen.evidence.find(key, agent))?.run.facts.shared === true;
  if (!wasRed && !isShared) await verify(run, result);
}

type Check = NonNullable<WorkingCopy["settings"]["check"]>;

/** Where and with what a check runs. */
interface CheckPlace {
  readonly check: Check;
  /** The project's folder below the working copy. */
  readonly inside: string;
  readonly options: CheckoutOptions;
  readonly memory: CheckMemory;
}

async function placeOf(context: CommandContext, check: Check): Promise<CheckPlace> {
  const root = await realRoot(context);
  const inside = placeInside(context, root);
  return { check, inside, options: await checkoutOptions(context, inside), memory: memoryOf(context, check, root) };
}

async function checked(
  { context }: CheckedRun,
  { check, inside, memory, options }: CheckPlace,
): Promise<{ readonly result: CheckResult; readonly tree: string } | undefined> {
  const done = await withCheckout(process.cwd(), options, async ({ folder, tree, treeNow }) => {
    const found = await memory.once(tree, () => runIn(join(folder, inside), context, check));
    return found !== undefined && (await treeNow()) === tree ? { result: found.result, tree } : undefined;
  });
  return "answer" in done ? done.answer : undefined;
}

/**
 * Whether the check was red before the run: by what is known of the tree that it found, or if that was a commit's, by a
 * check of that. A failure on a tree of which neither can be told counts as the run's.
 */
async function isKnownRed(
  { context }: CheckedRun,
  { check, inside, memory, options }: CheckPlace,
  { head_start, tree_start }: Facts,
): Promise<boolean> {
  if (tree_start === undefined) return false;
  const known = memory.recall(tree_start);
  if (known !== undefined) return known.outcome === "failed";
  if (head_start === undefined) return false;
  const committed = await withCommits(process.cwd(), options, (commits) => commits.treeOf(head_start));
  if (!("answer" in committed) || committed.answer !== tree_start) return false;
  const done = await withCommitCheckout(process.cwd(), head_start, options, ({ folder }) =>
    memory.once(tree_start, () => runIn(join(folder, inside), context, check)),
  );
  return "answer" in done && done.answer?.result.outcome === "failed";
}

/**
 * The project's folder as a path below the working copy that holds it: there the check runs. In a linked working copy it
 * lies as in the first one.
 */
function placeInside({ environment }: CommandContext, root: string): string {
  const { commonDir, worktree } = findRepository(process.cwd(), environment.HOME || environment.USERPROFILE);
  const places = [worktree, dirname(commonDir)].map((folder) => relative(folder, root));
  return places.find((place) => place.split(sep)[0] !== ".." && !isAbsolute(place)) ?? "";
}

async function checkoutOptions(context: CommandContext, inside: string): Promise<CheckoutOptions> {
  const places = new Set(["", inside.replaceAll(sep, "/")]);
  return {
    git: findGit(context.environment, process.cwd()),
    limitMs: CHECKOUT_LIMIT_MS,
    link: [...places].flatMap((place) => installedFolders.map((name) => posix.join(place, name))),
    without: await storeFolder(context),
  };
}

function runIn(folder: string, { environment }: CommandContext, check: Check): Promise<CheckResult> {
  const search = searchOf(environment, process.cwd());
  return runCheck({
    command: check.command,
    folder,
    timeoutMs: check.timeout_s * 1000,
    environment,
    sandboxes: { bwrap: findProgram("bwrap", search), sandboxExec: findProgram("sandbox-exec", search) },
    readTests: (output) => closingOf(output),
  });
}

function memoryOf({ environment, machine }: CommandContext, check: Check, root: string): CheckMemory {
  const place = statePlace(environment, machine.windows);
  if (place === undefined) {
    throw new KaizenError("IO_ERROR", "The check did not run, for the environment names no home folder.", {
      hint: "Set HOME, or XDG_STATE_HOME to a folder of yours.",
    });
  }
  const file = join(place.folder, "checks", `${nameOfRoot(root)}.json`);
  return new CheckMemory({ file, command: check.command, longestWaitMs: 2 * check.timeout_s * 1000 });
}

async function note({ agent, kaizen, key }: CheckedRun, check: Found): Promise<void> {
  await kaizen.evidence.note(agent, { key, check });
}

/** A run that its agent has not reported is recorded: its outcome is known now. */
async function verify({ agent, kaizen, key }: CheckedRun, { exit, outcome, tests }: CheckResult): Promise<void> {
  const success = outcome === "passed";
  const counts = tests === undefined ? "" : `, ${tests.passed} passed, ${tests.failed} failed`;
  const evidence = `exit ${exit ?? "unknown"}${counts}`;
  const id = await kaizen.verdicts.idOf(agent, { key, success }, "check");
  if (id === undefined) return;
  await kaizen.verify({ agent, execution_id: id, success, verified_by: "tests", evidence }, { via: "check" });
}
