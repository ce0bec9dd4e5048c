import type { AgentRow, Bin, StoryRun } from "../../domain/dashboard/view-model.ts";
import type { Story } from "../marks/story/frame.ts";

// What the page shows before there is anything to show. The figures of the bins are those of the outcomes.

/** The runs of each bin, with its successes and their interval. */
const stretches: readonly (readonly [outcomes: string, successes: number, low: number, high: number])[] = [
  ["ssfssssssssssfsssssr", 17, 0.64, 0.948],
  ["sssssfssssssssssssss", 19, 0.764, 0.991],
  ["sfssffsrfssffsfssffs", 10, 0.299, 0.701],
  ["fsfrsffsffssfsffsrfs", 8, 0.219, 0.613],
  ["ssssssssssssssssssss", 20, 0.839, 1],
  ["sssssssssfssssssssss", 19, 0.764, 0.991],
];
const size = 20;
const start = Date.UTC(2026, 10, 2, 8);
const every = 5 * 3_600_000;
const runs: StoryRun[] = stretches.flatMap(([outcomes], stretch) =>
  [...outcomes].map((letter, place) => ({
    id: null,
    at: new Date(start + (size * stretch + place) * every).toISOString(),
    outcome: letter === "f" ? "f" : letter === "r" ? "r" : "s",
    time_s: (24 + ((place * 7 + stretch) % 13)) * (stretch === 2 || stretch === 3 ? 2 : 1),
    quality: null,
    task: "write-tests",
    kind: letter === "f" ? place % 2 : null,
  })),
);
const bins: Bin[] = stretches.map(([, successes, low, high], place) => ({
  from: place * size,
  to: (place + 1) * size,
  runs: size,
  successes,
  rate: successes / size,
  low,
  high,
}));
const adoption = 4 * size;
const kindCount = (kind: number) => runs.filter((run) => run.kind === kind).length;

export const exampleStory: Story = {
  runs,
  bins,
  cuts: [
    {
      after: adoption,
      kind: "adopted",
      at: runs[adoption]?.at ?? null,
      label: "adopted: Start the database container once, before the first test",
    },
  ],
  kinds: ["TimeoutError", "AssertionError"].map((signature, kind) => ({
    signature,
    example: signature,
    count: kindCount(kind),
  })),
  median_time_s: 32,
};

export const exampleAgent: Pick<AgentRow, "since" | "before"> = {
  since: { runs: 40, successes: 39 },
  before: { runs: 40, successes: 18 },
};
