import type { Cut } from "../../../domain/dashboard/view-model.ts";

/** A line through all panels, and where its words stand. */
export interface CutLabel {
  readonly cut: Cut;
  readonly x: number;
  readonly text: string;
  readonly anchor: "start" | "end";
  readonly lane: number;
}

const shortWords: Record<Cut["kind"], string> = {
  change: "changed",
  adopted: "adopted",
  trial_started: "trial",
  trial_ended: "trial ends",
};

const CHARACTER = 6.4;

interface Room {
  readonly first: number;
  readonly begin: (run: number) => number;
  readonly left: number;
  readonly right: number;
  readonly isNarrow: boolean;
}

/** Words go to the side that has more room, cut to it, and above those that they would touch. */
export function cutLabels(cuts: readonly Cut[], { first, begin, left, right, isNarrow }: Room): CutLabel[] {
  const placed: (CutLabel & { readonly from: number; readonly to: number })[] = [];
  for (const cut of cuts) {
    if (cut.after < first) continue;
    const x = begin(cut.after);
    const isLeft = x - left > right - x;
    const words = isNarrow ? shortWords[cut.kind] : cut.label;
    const most = Math.floor((isLeft ? x - left : right - x) / CHARACTER) - 1;
    const text = words.length > most ? `${words.slice(0, most - 1)}…` : words;
    const length = (text.length + 1) * CHARACTER;
    const [from, to] = isLeft ? [x - length, x] : [x, x + length];
    const lane = placed.filter((other) => from <= other.to && to >= other.from).length;
    placed.push({ cut, x, text, anchor: isLeft ? "end" : "start", lane, from, to });
  }
  return placed;
}
