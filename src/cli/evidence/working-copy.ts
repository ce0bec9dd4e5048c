import { join } from "node:path";
import type { Facts, RunEvidence } from "../../domain/evidence/evidence.ts";
import type { RootTrust } from "../../trust/root-trust.ts";
import { type CommandContext, realRoot } from "../frame/define-command.ts";
import { type EvidenceSettings, evidenceSettings } from "./settings.ts";

/** What git says is left out if it takes longer than this part of what a hook has: a client waits for it. */
const PART_OF_HOOK = 0.1;
const MOST_COMMITS = 20;

/** Looks at the working copy of a run with what this user allows. Git itself is loaded when it is asked for. */
export class WorkingCopy {
  readonly settings: EvidenceSettings;
  readonly #context: Pick<CommandContext, "environment">;
  readonly #trust: RootTrust;
  /** Where the agent is at work. */
  readonly #folder = process.cwd();
  readonly #store: string;
  #secret: Buffer | undefined;
  readonly #limitMs: number;

  private constructor(
    { context, limitMs }: { context: Pick<CommandContext, "environment">; limitMs: number },
    trust: RootTrust,
    store: string,
  ) {
    this.settings = evidenceSettings(context.environment, trust);
    this.#context = context;
    this.#limitMs = PART_OF_HOOK * limitMs;
    this.#trust = trust;
    this.#store = store;
  }

  /** `limitMs` is how long the hook may take in all. */
  static async of(run: { readonly context: CommandContext; readonly limitMs: number }): Promise<WorkingCopy> {
    return new WorkingCopy(run, await run.context.trust(), await storeFolder(run.context));
  }

  /** How it stands when a run begins; nothing if git is off or there is none. */
  async atStart(): Promise<Facts> {
    const snapshot = await this.#snapshot(undefined);
    if (snapshot === undefined || snapshot.leftOut === "no_git") return {};
    const { blobs, checkout, config, head, leftOut, tree } = snapshot;
    return facts({
      // What is changed already is not of this run: at its end these are taken out.
      blobs: blobs && [...blobs],
      checkout,
      config_start: config,
      git_left_out: leftOut,
      head_start: head,
      tree_start: tree,
    });
  }

  /** How it stands when the run ends, and what it has committed. `known` is what was noted when it began. */
  async atEnd(known: RunEvidence | undefined): Promise<Facts> {
    const start = known?.facts;
    const snapshot = await this.#snapshot(start?.head_start);
    if (snapshot === undefined) return {};
    const { blobs, checkout, config, head, leftOut, tree } = snapshot;
    const isChanged = start?.config_start !== undefined && config !== undefined && start.config_start !== config;
    return {
      ...facts({ blobs: madeSince(start?.blobs, blobs), checkout, config, git_left_out: leftOut, head, tree }),
      ...(known === undefined ? {} : await this.#commits(known, head)),
      ...(isChanged ? { flags: ["config_changed" as const] } : {}),
    };
  }

  /** A mark of something that names the session or the like, so that it is not kept itself. */
  async mark(text: string): Promise<string | undefined> {
    const secret = this.#evidenceSecret();
    if (secret === undefined) return undefined;
    const { markOf } = await loadGit();
    return markOf(secret, text);
  }

  /** Read once it is there: the first write of a project makes it possible. */
  #evidenceSecret(): Buffer | undefined {
    this.#secret ??= this.#trust.secretFor("evidence");
    return this.#secret;
  }

  async #snapshot(since: string | undefined) {
    if (!this.settings.git) return undefined;
    const { findGit, snapshotOf } = await loadGit();
    const git = findGit(this.#context.environment, this.#folder);
    const secret = this.#evidenceSecret();
    return snapshotOf(this.#folder, { git, secret, limitMs: this.#limitMs, since, without: this.#store });
  }

  /** Commits that came from elsewhere meanwhile, by a pull say, were made before the run. */
  async #commits({ facts: start, firstSeenAt }: RunEvidence, to: string | undefined): Promise<Facts> {
    const from = start.head_start;
    if (to === undefined || from === to || (from === undefined && start.tree_start === undefined)) return {};
    const { findGit, withCommits } = await loadGit();
    const git = findGit(this.#context.environment, this.#folder);
    const found = await withCommits(this.#folder, { git, limitMs: this.#limitMs, without: this.#store }, (commits) =>
      commits.between(from, to, MOST_COMMITS),
    );
    const all = "answer" in found ? (found.answer ?? []) : [];
    const made = all.filter(({ committedAt }) => (committedAt + 1) * 1000 >= firstSeenAt);
    return made.length === 0 ? {} : { commits: made.map(({ commit }) => commit) };
  }
}

/** The folder that is left out of trees, by its real path, as git knows that of the working copy. */
export async function storeFolder(context: CommandContext): Promise<string> {
  return join(await realRoot(context), ".kaizen");
}

const loadGit = () => import("../../evidence/git/index.ts");

/** Whether a run may have edited: by its transcript, or if that is not read by what has become of the working copy. */
export function mayHaveEdited({ edits, tree, tree_start }: Facts): boolean {
  return edits === undefined ? tree !== tree_start : edits > 0;
}

const MOST_MARKS = 100;

/**
 * The files that a run has changed; none if it is not known which had changed before, or have by now. `undefined` if there
 * is nothing to take back either.
 */
function madeSince(before: readonly string[] | undefined, after: readonly string[] | undefined): string[] | undefined {
  if (before === undefined) return undefined;
  return before.length >= MOST_MARKS ? [] : (after ?? []).filter((mark) => !before.includes(mark));
}

/** Without what is not known. */
function facts(known: { readonly [K in keyof Facts]: Facts[K] | undefined }): Facts;
function facts(known: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
}
