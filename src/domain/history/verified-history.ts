import { hasExpired } from "../run/retention.ts";
import { DAY_MS } from "../run/time.ts";
import {
  contradictionIn,
  decisiveVerifier,
  outcomeOf,
  type VerifiedRun,
  type Verifier,
  verifiers,
} from "../verification/verification.ts";
import { countUnproven, noneUnproven, type VerifiedView } from "../verification/verified-view.ts";
import type { RecentRun } from "./history.ts";

/**
 * What verifications have found of an agent's runs, in constant space: counters for each UTC day on which the runs ended, and
 * what is known of the last of the runs that were checked. Folded check by check in the order of their file.
 */
export interface VerifiedHistory {
  /** Counters by day number (days since 1970-01-01 UTC). */
  readonly days: Map<number, VerifiedDay>;
  /** Counters of all checked runs, also of those that have expired since. */
  readonly total: VerifiedTally;
  /** Checked runs by execution id: all those that stand behind `forgottenPlace` in the log, and some before it. */
  readonly latest: Map<string, PlacedRun>;
  /** The last place in the log of a run that was dropped from `latest`; -1 if none was. */
  forgottenPlace: number;
}

export interface VerifiedTally {
  runs: number;
  successes: number;
  claimedSuccesses: number;
  contradictions: number;
  /** Of how many runs each verifier has said something that does not count. */
  readonly unproven: Record<Verifier, number>;
}

/** Counters of one day, and where the verifications of its runs stand in their file. */
export interface VerifiedDay extends VerifiedTally {
  /** How many verifications: with any more the day is another one. */
  verifications: number;
  earliestAt: number;
  latestAt: number;
  firstPlace: number;
  lastPlace: number;
}

/** A checked run, and where it stands in the log. */
export interface PlacedRun extends VerifiedRun {
  /** The instant of the run in ms, where its timestamp is readable. */
  readonly at?: number;
  readonly place: number;
}

/** So many are known one by one: enough for every window, and for some that expire among them. */
const KEPT_RUNS = 500;

export function emptyVerifiedHistory(): VerifiedHistory {
  return { days: new Map(), total: emptyVerifiedTally(), latest: new Map(), forgottenPlace: -1 };
}

export function emptyVerifiedTally(): VerifiedTally {
  return { runs: 0, successes: 0, claimedSuccesses: 0, contradictions: 0, unproven: noneUnproven() };
}

/**
 * Takes in a verification: its run as it was counted before, if it was, and as it counts now. `place` says where the verification
 * stands in its file, so that the verifications of a day can be read again.
 */
export function addVerifiedRun(
  history: VerifiedHistory,
  change: { readonly before: VerifiedRun | undefined; readonly after: PlacedRun },
  place: number,
): void {
  const { before, after } = change;
  history.latest.set(after.executionId, after);
  const tallies: VerifiedTally[] = [history.total];
  // A run without a readable timestamp belongs to no day, and never expires.
  if (after.at !== undefined) tallies.push(dayOf(history, after.at, place));
  for (const tally of tallies) {
    if (before !== undefined) countRun(tally, before, -1);
    countRun(tally, after, 1);
  }
}

function dayOf({ days }: VerifiedHistory, at: number, place: number): VerifiedDay {
  const number = Math.floor(at / DAY_MS);
  const day = days.get(number) ?? {
    ...emptyVerifiedTally(),
    verifications: 0,
    earliestAt: at,
    latestAt: at,
    firstPlace: place,
    lastPlace: place,
  };
  days.set(number, day);
  day.verifications += 1;
  day.earliestAt = Math.min(day.earliestAt, at);
  day.latestAt = Math.max(day.latestAt, at);
  day.lastPlace = place;
  return day;
}

/** Counts a run in or out, in place. */
export function countRun(tally: VerifiedTally, run: VerifiedRun, sign: 1 | -1): void {
  countUnproven(tally.unproven, run, sign);
  if (decisiveVerifier(run) === undefined) return;
  tally.runs += sign;
  if (outcomeOf(run)) tally.successes += sign;
  if (run.claimed) tally.claimedSuccesses += sign;
  if (contradictionIn(run) !== undefined) tally.contradictions += sign;
}

function addTally(tally: VerifiedTally, other: VerifiedTally, sign: 1 | -1): void {
  tally.runs += sign * other.runs;
  tally.successes += sign * other.successes;
  tally.claimedSuccesses += sign * other.claimedSuccesses;
  tally.contradictions += sign * other.contradictions;
  for (const verifier of verifiers) tally.unproven[verifier] += sign * other.unproven[verifier];
}

/** Drops the runs that stand first in the log where more are known than are needed. They stay counted. */
export function forgetFirst(history: VerifiedHistory): void {
  if (history.latest.size <= 1.5 * KEPT_RUNS) return;
  const byPlace = [...history.latest.values()].sort((a, b) => a.place - b.place);
  for (const run of byPlace.slice(0, -KEPT_RUNS)) {
    history.latest.delete(run.executionId);
    history.forgottenPlace = Math.max(history.forgottenPlace, run.place);
  }
}

/** Counts the live runs of a day that retention cuts through: only the file knows them one by one. */
export type CountCheckedDay = (day: VerifiedDay) => Promise<VerifiedTally>;

/** The counters of the live runs that were checked, by day number. */
export async function liveVerifiedTallies(
  { days }: Pick<VerifiedHistory, "days">,
  cutoff: number,
  countDay: CountCheckedDay,
): Promise<Map<number, VerifiedTally>> {
  const live = new Map<number, VerifiedTally>();
  for (const [number, day] of days) {
    if (hasExpired(day.latestAt, cutoff)) continue;
    live.set(number, hasExpired(day.earliestAt, cutoff) ? await countDay(day) : day);
  }
  return live;
}

/** The counters of the live runs that were checked. */
export async function liveVerifiedTally(
  { days, total }: Pick<VerifiedHistory, "days" | "total">,
  cutoff: number,
  countDay: CountCheckedDay,
): Promise<VerifiedTally> {
  const tally = { ...total, unproven: { ...total.unproven } };
  for (const day of days.values()) {
    if (!hasExpired(day.earliestAt, cutoff)) continue;
    addTally(tally, day, -1);
    if (!hasExpired(day.latestAt, cutoff)) addTally(tally, await countDay(day), 1);
  }
  return tally;
}

/** The counters of a whole without a part, which stay as they are. */
export function withoutPart(whole: VerifiedTally, part: VerifiedTally): VerifiedTally {
  const rest = { ...whole, unproven: { ...whole.unproven } };
  addTally(rest, part, -1);
  return rest;
}

/** The live part, with the outcomes of those last runs that were checked. */
export async function viewVerifiedHistory(
  history: VerifiedHistory,
  recent: readonly RecentRun[],
  cutoff: number,
  countDay: CountCheckedDay,
): Promise<VerifiedView> {
  const { runs, successes, claimedSuccesses, contradictions, unproven } = await liveVerifiedTally(
    history,
    cutoff,
    countDay,
  );
  const outcomes = new Map<string, boolean>();
  // Most agents have no verified run, and are asked with each record.
  for (const { id } of history.latest.size === 0 ? [] : recent) {
    const run = history.latest.get(id);
    if (run !== undefined && decisiveVerifier(run) !== undefined) outcomes.set(run.executionId, outcomeOf(run));
  }
  return { verified: { runs, successes }, claimedSuccesses, contradictions, unproven, outcomes };
}
