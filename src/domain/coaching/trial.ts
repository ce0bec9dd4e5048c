import * as z from "zod";
import { bayesFactor, CLEAR_FACTOR, factorText } from "../statistics/bayes-factor.ts";
import type { Counts } from "../statistics/statistics.ts";
import { judgeTrial, type TrialCounts, type TrialResult } from "../statistics/trial-test.ts";
import { shareText } from "../statistics/verdict.ts";
import { notWithdrawn, verifiers, type Word } from "../verification/verification.ts";

/** What counts as the outcome of a run: only what was verified, or also what its agent claims. */
export const trialOutcomeSchema = z.enum(["verified", "claimed"]);

type TrialOutcome = z.infer<typeof trialOutcomeSchema>;

/** The probability with which a run is shown the advice: both sides of the coin have to come up. */
export const trialShareSchema = z.number().min(0.1).max(0.9);

/** How a trial was set up. */
export interface TrialSettings {
  /** Which trial of this advice it is, from 1. */
  readonly number: number;
  readonly share: number;
  readonly outcome: TrialOutcome;
}

const countsSchema = z.object({ runs: z.int().min(0), successes: z.int().min(0) });

/** What a trial had come to when its rule held for the first time. It stands, whatever is verified later. */
export const trialDecisionSchema = z.object({
  verdict: z.enum(["helped", "hurt", "no_clear_effect"]),
  shown: countsSchema,
  not_shown: countsSchema,
  helps: z.number(),
  hurts: z.number(),
  bayes_factor: z.number(),
});

export type TrialDecision = z.infer<typeof trialDecisionSchema>;

/** Under which name a run's side of the coin is kept: each trial of an advice throws a coin of its own. */
export function trialId(recommendation: string, number: number): string {
  return `${recommendation}#${number}`;
}

/** A run that took part: whether it was shown the advice, and its outcome, if it has one of the kind asked for. */
export interface TrialRun {
  readonly isShown: boolean;
  readonly outcome: boolean | undefined;
}

/** What a trial has come to by now. */
export interface TrialStanding extends TrialCounts {
  readonly undecided: { readonly shown: number; readonly notShown: number };
  readonly result: TrialResult;
}

export function standingOf(runs: readonly TrialRun[], share: number): TrialStanding {
  const shown = armOf(runs.filter((run) => run.isShown));
  const notShown = armOf(runs.filter((run) => !run.isShown));
  return {
    shown: shown.counts,
    notShown: notShown.counts,
    undecided: { shown: shown.undecided, notShown: notShown.undecided },
    result: judgeTrial({ shown: shown.counts, notShown: notShown.counts }, share),
  };
}

function armOf(runs: readonly TrialRun[]): { counts: Counts; undecided: number } {
  const outcomes = runs.flatMap((run) => run.outcome ?? []);
  const successes = outcomes.filter(Boolean).length;
  return { counts: { runs: outcomes.length, successes }, undecided: runs.length - outcomes.length };
}

/** A verification as far as it decides a trial. */
export interface TrialVerification extends Word {
  readonly success: boolean;
}

/**
 * The verified outcome of a run, from its verifications in their order: the first one, unless a heavier verifier has
 * spoken since. A later word of the same verifier changes nothing, so that an outcome cannot be asked for until it pleases.
 * What was taken back, or nothing proves, decides nothing.
 */
export function firstVerified(verifications: readonly TrialVerification[]): boolean | undefined {
  const weight = ({ verified_by }: TrialVerification) => verifiers.indexOf(verified_by);
  let decisive: TrialVerification | undefined;
  const proven = notWithdrawn(verifications).filter(({ unproven }) => !unproven);
  for (const one of proven) if (decisive === undefined || weight(one) < weight(decisive)) decisive = one;
  return decisive?.success;
}

/** What is kept once a trial is decided, or `undefined` while it runs. */
export function decisionOf({ notShown, result, shown }: TrialStanding): TrialDecision | undefined {
  const { bayesFactor: factor, helps, hurts, verdict } = result;
  if (verdict === "running") return undefined;
  return { verdict, shown, not_shown: notShown, helps, hurts, bayes_factor: factor };
}

/** A trial for people: its shares, counts and figures, and what it has come to. An agent is never shown it. */
export function trialEvidence(
  settings: TrialSettings,
  standing: TrialStanding,
  decision: (TrialDecision & { readonly timestamp: string }) | undefined,
  isStopped: boolean,
): string {
  const now = evidenceNow(standing);
  const which = settings.number === 1 ? "" : `; trial ${settings.number} of this advice`;
  const unequal = verifiedUnequally(standing) ? "; the checks may differ, not the work" : "";
  if (decision === undefined) {
    return `${isStopped ? "trial stopped" : "on trial"} (share ${settings.share}): ${now}${unequal}${which}`;
  }
  const counts = countsText(decision.shown, decision.not_shown);
  const figures = `share ${settings.share}, ${figuresText(decision)}`;
  const decided = `${words(settings.outcome)[decision.verdict]}: ${counts} (${figures})`;
  const isStill = standing.result.verdict === decision.verdict;
  const later = isStill ? "" : `; decided ${decision.timestamp}, by today's outcomes ${now}`;
  return `${decided}${missed(decision)}${later}${unequal}${which}`;
}

/** The brief's own test, for people. */
export function holdoutEvidence(standing: TrialStanding): string {
  const { verdict } = standing.result;
  const found = {
    helped: "the brief helped",
    hurt: "the brief hurt",
    no_clear_effect: "no clear effect",
    running: "open",
  };
  const unequal = verifiedUnequally(standing) ? "; the checks may differ, not the work" : "";
  return `${found[verdict]}: ${evidenceNow(standing)}${unequal}`;
}

/** An agent's claim is not the work: advice may change what agents say and nothing else. */
function words(outcome: TrialOutcome): Record<TrialDecision["verdict"], string> {
  if (outcome === "verified") return { helped: "helped", hurt: "hurt", no_clear_effect: "no clear effect" };
  return {
    helped: "claims more successes",
    hurt: "claims fewer successes",
    no_clear_effect: "no clear effect on claims",
  };
}

function evidenceNow({ notShown, result, shown, undecided }: TrialStanding): string {
  const open = undecided.shown + undecided.notShown;
  return `${countsText(shown, notShown)}, E ${factorText(Math.max(result.helps, result.hurts))} and Bayes factor ${factorText(
    result.bayesFactor,
  )} (20 of both decides), ${open} undecided`;
}

function countsText(shown: Counts, notShown: Counts): string {
  return `${shareText(shown)} shown, ${shareText(notShown)} not shown`;
}

function figuresText({ bayes_factor, helps, hurts }: TrialDecision): string {
  return `E ${factorText(Math.max(helps, hurts))}, Bayes factor ${factorText(bayes_factor)}`;
}

function missed({ verdict }: TrialDecision): string {
  return verdict === "no_clear_effect" ? "; an effect below 20 points may have been missed" : "";
}

/** Whether the runs of one side get an outcome more often than those of the other. */
function verifiedUnequally({ notShown, shown, undecided }: TrialStanding): boolean {
  const decided = (counts: Counts, open: number) => ({ runs: counts.runs + open, successes: counts.runs });
  return bayesFactor(decided(shown, undecided.shown), decided(notShown, undecided.notShown)) >= CLEAR_FACTOR;
}
