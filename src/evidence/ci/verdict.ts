/** What CI says of a commit, if it has said something that counts. */
interface CiDecision {
  readonly success: boolean;
  readonly url: string | undefined;
}

/**
 * `undecided`: CI knows the commit, but not everything that counts has ended, or it ended without saying whether the
 * commit is good. `unknown`: nothing that counts was started for it.
 */
export type CiVerdict = CiDecision | "undecided" | "unknown";

/** One run of a workflow, or one pipeline. */
export interface CiRun {
  readonly name: string | undefined;
  /** `other`: it ended, but says nothing of the commit: cancelled, skipped, or a word that is unknown here. */
  readonly state: "success" | "failure" | "running" | "other";
  readonly url: string | undefined;
}

/**
 * What the runs of one commit come to. Only those that are named count, or all if `names` is `undefined`. Each name has
 * to have a run, and each run has to have ended.
 */
export function verdictOf(runs: readonly CiRun[], names: readonly string[] | undefined): CiVerdict {
  const counting = names === undefined ? runs : runs.filter(({ name }) => name !== undefined && names.includes(name));
  if (counting.length === 0) return "unknown";
  const isMissing = names?.some((name) => !counting.some((run) => run.name === name)) ?? false;
  if (isMissing || counting.some(({ state }) => state === "running")) return "undecided";
  const failed = counting.find(({ state }) => state === "failure");
  if (failed !== undefined) return { success: false, url: failed.url };
  if (counting.some(({ state }) => state !== "success")) return "undecided";
  return { success: true, url: counting[0]?.url };
}

const LONGEST_URL = 500;

/** An address that may be shown and kept: of HTTPS, without a user's name, and not too long. */
export function safeUrl(text: string | undefined): string | undefined {
  if (text === undefined || !/^https:\/\/[!-~]+$/.test(text)) return undefined;
  if (!URL.canParse(text)) return undefined;
  const { href, password, username } = new URL(text);
  return username === "" && password === "" && href.length <= LONGEST_URL ? href : undefined;
}
