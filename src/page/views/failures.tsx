import type { FailureModel } from "../../domain/dashboard/view-model.ts";
import { ago, counted, whole } from "../format.ts";
import { room, surroundings } from "../hooks.ts";
import { Rug, RugAxis, spanOf } from "../marks/rug.tsx";
import { AgentLink, Section } from "./frame/frame.tsx";
import { Table } from "./frame/table.tsx";

interface FailuresProps {
  readonly failures: readonly FailureModel[];
  readonly generatedAt: string;
  readonly isOfOne: boolean;
}

const keyOf = ({ agent, signature }: FailureModel) => `${agent} ${signature}`;

/** What breaks again and again, and when. */
export function FailuresSection({ failures, generatedAt, isOfOne }: FailuresProps) {
  const { isNarrow, isWide, width } = room();
  if (failures.length === 0) return null;
  const span = spanOf(failures, generatedAt);
  const axis = isNarrow ? Math.max(120, width - 110) : isWide ? (isOfOne ? 420 : 320) : 120;
  const rug = ({ at }: FailureModel) => <Rug minutes={at} span={span} width={axis} />;
  return (
    <Section title="Failures that recur" note="Each mark is one failed run, in the order of the days.">
      <Table
        rows={failures}
        keyOf={keyOf}
        columns={[
          { head: "Times", kind: "number", cell: ({ count }) => <b>{whole(count)}</b> },
          {
            head: (
              <>
                Failure
                {isNarrow && <RugAxis span={span} width={axis} name="When" />}
              </>
            ),
            cell: (row) => (
              <>
                <div class="code clamped" title={row.example}>
                  {row.signature}
                </div>
                {isNarrow && (
                  <>
                    {rug(row)}
                    {!isOfOne && (
                      <>
                        <AgentLink name={row.agent} /> ·{" "}
                      </>
                    )}
                    <Last row={row} />
                  </>
                )}
              </>
            ),
          },
          !isOfOne && !isNarrow && { head: "Agent", kind: "who", cell: ({ agent }) => <AgentLink name={agent} /> },
          !isNarrow && {
            head: <RugAxis span={span} width={axis} name="When" />,
            cell: rug,
          },
          !isNarrow && { head: "Last", kind: "nowrap", cell: (row) => <Last row={row} /> },
        ]}
      />
    </Section>
  );
}

function Last({ row: { back_after: back, last_at, runs_since } }: { row: FailureModel }) {
  const { now } = surroundings;
  return (
    <>
      {ago(last_at, now)}
      <small>
        {runs_since === 0
          ? "in the last run"
          : back === null
            ? `${counted(runs_since, "run")} since`
            : `back after ${counted(back, "run")}`}
      </small>
    </>
  );
}
