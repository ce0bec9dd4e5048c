import { everCalledChanged, shiftDetection } from "./measure-simulation.ts";
import {
  changingRuns,
  checkingBegins,
  type Detection,
  driftingRuns,
  falseAlarms,
  firstFound,
  type Simulation,
  steadyRuns,
  streakyRuns,
} from "./simulation.ts";
import { sinceAdoption, trials } from "./trial-simulation.ts";

/** How often what the program says is wrong, by simulation: the tables of the manual, and what the tests hold it to. */

const SEED = 20261122;

/** How many histories each simulation has. */
export interface Sizes {
  /** Where looks at 100 runs cost little. */
  readonly many: number;
  /** Where each look costs more: other checks, scores, streaks, drift. */
  readonly some: number;
  /** Histories of 1,000 runs. */
  readonly long: number;
}

/** What fits into the tests of every day; a share of 5% of 400 histories is known to about 2 points. */
export const inTests: Sizes = { many: 2_000, some: 400, long: 25 };
/** `npm run simulate`, in some minutes. */
export const byHand: Sizes = { many: 2_000, some: 2_000, long: 200 };

const of = (histories: number): Simulation => ({ histories, seed: SEED });

export type SimulatedErrors = ReturnType<typeof simulateErrors>;

export function simulateErrors({ long, many, some }: Sizes) {
  return {
    steady: [0.5, 0.7, 0.8, 0.9, 0.95].map((rate) => ({
      rate,
      ...falseAlarms(steadyRuns(rate, 100), of(many)),
      episodes: falseAlarms(steadyRuns(rate, 1_000), of(long)).episodes,
    })),
    changes: (
      [
        [0.9, 0.5],
        [0.9, 0.7],
        [0.95, 0.8],
        [0.7, 0.9],
        [0.8, 0.95],
      ] as const
    ).map(([from, to]) => ({
      from,
      to,
      ...firstFound(changingRuns(from, to), to > from ? "improving" : "declining", of(many)),
    })),
    checking: (
      [
        [0, many],
        [0.3, many],
        [0.55, many],
        [1, some],
      ] as const
    ).map(([share, histories]) => ({
      share,
      ...firstFound(checkingBegins(share), "declining", of(histories)),
    })),
    streaks: falseAlarms(streakyRuns(0.8, 0.2, 100), of(some)),
    drift: falseAlarms(driftingRuns(0.9, 0.6, 100), of(some)),
    quality: { ever: everCalledChanged(of(some)), shift: shiftDetection(of(some)) },
    trials: simulateTrials(many, some),
  };
}

function simulateTrials(many: number, some: number) {
  const jump = (decided: number) => (decided < 100 ? 0.5 : 0.8);
  const unequal = (isShown: boolean) => (isShown ? 0.7 : 0.5);
  const does = (without: number, shown: number) => (_: number, isShown: boolean) => (isShown ? shown : without);
  return [
    {
      what: "does nothing, at 50%",
      harmless: true,
      ...trials({ rate: () => 0.5 }, of(many)),
      ...sinceAdoption(0.5, 0.5, of(some)),
    },
    {
      what: "does nothing, at 70%",
      harmless: true,
      ...trials({ rate: () => 0.7 }, of(many)),
      ...sinceAdoption(0.7, 0.7, of(some)),
    },
    {
      what: "does nothing, at 90%",
      harmless: true,
      ...trials({ rate: () => 0.9 }, of(many)),
      ...sinceAdoption(0.9, 0.9, of(some)),
    },
    {
      what: "does nothing, and the rate jumps from 50% to 80% meanwhile, or on the day of adoption",
      harmless: true,
      ...trials({ rate: jump }, of(many)),
      ...sinceAdoption(0.5, 0.8, of(some)),
    },
    {
      what: "does nothing, at 70%; checked are 70% of the runs that see it, and 50% of the others",
      harmless: true,
      ...trials({ rate: () => 0.7, decidedShare: unequal }, of(many)),
    },
    {
      what: "lifts 50% to 90%",
      harmless: false,
      ...trials({ rate: does(0.5, 0.9) }, of(many)),
      ...sinceAdoption(0.5, 0.9, of(some)),
    },
    {
      what: "lifts 60% to 80%",
      harmless: false,
      ...trials({ rate: does(0.6, 0.8) }, of(many)),
      ...sinceAdoption(0.6, 0.8, of(some)),
    },
    {
      what: "lifts 70% to 90%",
      harmless: false,
      ...trials({ rate: does(0.7, 0.9) }, of(many)),
      ...sinceAdoption(0.7, 0.9, of(some)),
    },
  ];
}

/** The tables of the manual. */
export function simulatedTables(errors: SimulatedErrors): string[] {
  return [steadyTable(errors), changesTable(errors), otherwiseTable(errors), trialsTable(errors)];
}

function steadyTable({ steady }: SimulatedErrors): string {
  return table(
    [
      "steady at",
      "looks that ADR-004 calls `up` or `down`",
      "looks that call it changed",
      "ever within 100 runs",
      "episodes per 1,000 runs",
    ],
    steady.map((one) => [
      whole(one.rate),
      percent(one.adr004Looks),
      percent(one.looks),
      percent(one.ever),
      one.episodes.toFixed(1),
    ]),
  );
}

function changesTable({ changes, quality }: SimulatedErrors): string {
  const found = ({ found: share, medianDelay }: Detection) => [percent(share), `${medianDelay} runs`];
  return table(
    ["change after 60 runs", "found within 40", "after, in the median"],
    [
      ...changes.map((one) => [`${whole(one.from)} to ${whole(one.to)}`, ...found(one)]),
      ["quality, down by one standard deviation", ...found(quality.shift)],
    ],
  );
}

function otherwiseTable({ checking, drift, quality, streaks }: SimulatedErrors): string {
  return table(
    ["what happens", "what is said", "in"],
    [
      ...checking.map(({ found, share }) => [
        share === 0
          ? "nine of ten claim success, six of ten are one; nothing is checked"
          : `the same, and from run 60 on ${whole(share)} of the runs are checked`,
        "`declining` in runs 61 to 100",
        percent(found),
      ]),
      ["quality stays as it is", "ever a change within 100 runs", percent(quality.ever)],
      ["80% throughout, in streaks: lag 1 of 0.2", "ever a change within 100 runs", percent(streaks.ever)],
      ["", "of these with a word on streaks", percent(streaks.warned)],
      ["90% falls evenly to 60% over 100 runs", "ever a change, with a date that is none", percent(drift.ever)],
    ],
  );
}

function trialsTable({ trials: rows }: SimulatedErrors): string {
  return table(
    [
      "advice that",
      "trial: helped",
      "trial: hurt",
      "decided runs, in the median",
      "since then: better",
      "since then: worse",
    ],
    rows.map((one) => [
      one.what,
      percent(one.helped),
      percent(one.hurt),
      one.harmless ? "" : `${one.medianRuns}`,
      "better" in one ? percent(one.better) : "",
      "worse" in one ? percent(one.worse) : "",
    ]),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

const percent = (share: number) => `${(100 * share).toFixed(1)}%`;
const whole = (share: number) => `${Math.round(100 * share)}%`;
