import type { AgentModel } from "../../../domain/dashboard/view-model.ts";
import { linear, logarithmic, type Scale } from "../../axis.ts";
import { type CutLabel, cutLabels } from "./cut-labels.ts";

export type Story = AgentModel["story"];

/** Where everything of the story stands: five panels on one axis, which is the order of the runs. */
export interface Frame {
  readonly width: number;
  readonly left: number;
  readonly right: number;
  readonly isNarrow: boolean;
  /** Runs of the story that are left out at its beginning, for want of room. */
  readonly first: number;
  readonly step: number;
  /** Where a run begins; its middle is half a step further. */
  readonly begin: Scale;
  readonly middle: Scale;
  readonly labels: readonly CutLabel[];
  readonly rateTop: number;
  readonly rate: Scale;
  readonly runsAt: number;
  readonly kindAt: (kind: number) => number;
  readonly kinds: number;
  readonly timesTop: number;
  readonly timesBottom: number;
  readonly times: Scale;
  readonly timesRange: readonly [number, number] | undefined;
  readonly bottom: number;
  readonly height: number;
}

/** On a narrow page so many runs are legible. */
const NARROW_RUNS = 120;
const SHOWN_KINDS = 5;

export function frameOf(story: Story, width: number): Frame {
  const isNarrow = width < 560;
  const [left, right] = isNarrow ? [42, width - 4] : [174, width - 12];
  const first = isNarrow ? firstShown(story) : 0;
  const step = (right - left) / Math.max(1, story.runs.length - first);
  const begin: Scale = (run) => left + (run - first) * step;
  const labels = cutLabels(story.cuts, { first, begin, left, right, isNarrow });
  const lanes = Math.max(0, ...labels.map(({ lane }) => lane + 1));
  const rateTop = 16 + lanes * 16 + (isNarrow ? 20 : 0);
  const rateBottom = rateTop + (isNarrow ? 160 : 190);
  const runsAt = rateBottom + (isNarrow ? 48 : 34);
  const kinds = Math.min(SHOWN_KINDS, story.kinds.length);
  const kindHeight = isNarrow ? 32 : 22;
  const firstKind = runsAt + (isNarrow ? 46 : 36);
  const timesRange = rangeOf(story);
  const timesTop = firstKind + kinds * kindHeight + (isNarrow ? 16 : 8) - (kinds === 0 ? 12 : 0);
  const timesBottom = timesRange === undefined ? timesTop - 24 : timesTop + 78;
  return {
    width,
    left,
    right,
    isNarrow,
    first,
    step,
    begin,
    middle: (run) => begin(run) + step / 2,
    labels,
    rateTop,
    rate: linear([0, 1], [rateBottom, rateTop]),
    runsAt,
    kindAt: (kind) => firstKind + kind * kindHeight,
    kinds,
    timesTop,
    timesBottom,
    times: logarithmic(timesRange ?? [1, 10], [timesBottom - 3, timesTop + 3]),
    timesRange,
    bottom: timesBottom,
    height: timesBottom + 26,
  };
}

/** The beginning of a bin, so that every bin that is shown is whole. */
function firstShown({ bins, runs }: Story): number {
  return bins.find(({ from }) => from >= runs.length - NARROW_RUNS)?.from ?? 0;
}

function rangeOf({ runs }: Story): readonly [number, number] | undefined {
  const times = runs.flatMap(({ time_s: time }) => (time !== null && time > 0 ? [time] : []));
  if (times.length === 0) return undefined;
  const [low, high] = [Math.min(...times), Math.max(...times)];
  return low === high ? [low / 2, high * 2] : [low, high];
}
