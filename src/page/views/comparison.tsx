import type { ComparisonRow } from "../../domain/dashboard/view-model.ts";
import { localTimes, missing, points } from "../format.ts";
import { room } from "../hooks.ts";
import { Difference, DifferenceAxis, differenceScale } from "../marks/difference.tsx";
import { Word } from "../marks/icon.tsx";
import { clearWords } from "../marks/words.ts";
import { AgentLink, Details, Section, Sentences } from "./frame/frame.tsx";
import { Table } from "./frame/table.tsx";

/** Whether one agent does better than another. */
export function ComparisonSection({ rows, base }: { rows: readonly ComparisonRow[]; base: string }) {
  const { isNarrow, isWide, width } = room();
  if (rows.length === 0) return null;
  const axis = isNarrow ? Math.floor(width * 0.42) : isWide ? 400 : 240;
  const x = differenceScale(rows, axis);
  return (
    <Section
      title={`Compared with ${base}`}
      note="Difference of the rates in points, 95% interval; hollow if not clear."
    >
      <Table
        rows={rows}
        keyOf={({ agent }) => agent}
        columns={[
          {
            head: "Agent",
            cell: (row) => (
              <>
                <AgentLink name={row.agent} isStrong />
                {isNarrow && <Finding row={row} />}
              </>
            ),
          },
          !isNarrow && { head: "Points", kind: "number", cell: pointsOf },
          {
            head: <DifferenceAxis x={x} width={axis} name="Difference" />,
            kind: "tight",
            cell: (row) => <Difference row={row} x={x} width={axis} />,
          },
          !isNarrow && { head: "Finding", cell: (row) => <Finding row={row} /> },
        ]}
      />
      <div class="more">
        <Details title="In words">
          <Sentences all={rows.map(({ evidence, warning }) => localTimes(`${evidence}. ${warning ?? ""}`))} />
        </Details>
      </div>
    </Section>
  );
}

const pointsOf = ({ difference }: ComparisonRow) => (difference === null ? missing : points(difference));

function Finding({ row: { agent, is_too_few, warning, winner } }: { row: ComparisonRow }) {
  return (
    <div>
      {winner === null ? (
        <Word word={is_too_few ? clearWords.few : clearWords.none} />
      ) : (
        <b>does {winner === agent ? "better" : "worse"}</b>
      )}
      {warning && <small>{warning}</small>}
    </div>
  );
}
