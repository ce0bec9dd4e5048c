import type { AgentModel, Rated } from "../../domain/dashboard/view-model.ts";
import { day, localDay, moment, percent, range, share } from "../format.ts";
import type { Story } from "../marks/story/frame.ts";
import { Sentences } from "./frame/frame.tsx";
import { type Column, Table } from "./frame/table.tsx";

const figures: readonly Column<Rated>[] = [
  { head: "Succeeded", kind: "number", cell: share },
  { head: "Rate", kind: "number", cell: ({ rate }) => percent(rate) },
  { head: "95% interval", kind: "number", cell: range },
];

export function DayTable({ days: { rows, unit } }: { days: AgentModel["days"] }) {
  return (
    <Table
      rows={rows}
      keyOf={(row) => row.day}
      columns={[{ head: unit === "day" ? "Day" : "Week from", cell: (row) => day(localDay(row.day)) }, ...figures]}
    />
  );
}

export function StoryTable({ story: { bins, cuts, kinds, runs } }: { story: Story }) {
  return (
    <>
      <Table
        rows={bins}
        keyOf={({ from }) => from}
        columns={[
          { head: "Runs", cell: ({ from, to }) => `${from + 1}–${to}` },
          { head: "From", cell: ({ from }) => day(runs[from]?.at ?? null) },
          { head: "To", cell: ({ to }) => day(runs[to - 1]?.at ?? null) },
          ...figures,
        ]}
      />
      <Sentences
        all={[
          ...cuts.map(({ after, at, label }) => `After run ${after}, ${moment(at)}: ${label}`),
          ...kinds.map(({ count, signature }) => `${count} times: ${signature}`),
        ]}
      />
    </>
  );
}
