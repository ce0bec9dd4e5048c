import type { AgentRow } from "../../domain/dashboard/view-model.ts";
import { ago, counted, percent, range, share, whole } from "../format.ts";
import { room, surroundings, useCalmRows } from "../hooks.ts";
import { CoverageBar } from "../marks/coverage.tsx";
import { Dumbbell } from "../marks/dumbbell.tsx";
import { Word } from "../marks/icon.tsx";
import { Interval, RateAxis } from "../marks/interval.tsx";
import { Strip } from "../marks/strip.tsx";
import { verdictWords } from "../marks/words.ts";
import { go } from "../route.ts";
import { AgentLink, Section } from "./frame/frame.tsx";
import { Table } from "./frame/table.tsx";

const isFew = ({ verdict }: AgentRow) => verdict === "too_few_runs";

/** Who is how good, and how sure that is: a row for each agent on one shared axis. */
export function AgentsTable({ agents, total }: { agents: readonly AgentRow[]; total: number }) {
  const { isNarrow, isWide, width } = room();
  const { handlers, rows } = useCalmRows(agents, ({ name }) => name);
  const hasStrips = !isNarrow && agents.some(({ strip }) => strip);
  const axis = isNarrow ? Math.floor(width * 0.38) : isWide ? 180 : 132;
  const cut = total > agents.length ? ` ${agents.length} of ${whole(total)}.` : "";
  const rate = (row: AgentRow) => (
    <div class={isFew(row) ? "rate mute" : "rate"}>
      {percent(row.rate)} <small>{range(row)}</small>
    </div>
  );
  return (
    <Section
      title="Agents"
      note={`Success rate with its 95% interval; declining ones first. A check’s word counts before the agent’s own.${cut}`}
    >
      <Table
        attributes={handlers}
        rows={rows}
        keyOf={({ name }) => name}
        onRow={({ name }, event) => goUnlessUsed(event, name)}
        columns={[
          {
            head: "Agent",
            cell: (row) => (
              <>
                <AgentLink name={row.name} isStrong />
                <Activity row={row} />
                {isNarrow && <Change row={row} />}
              </>
            ),
          },
          !isNarrow && { head: "Rate", kind: "number", cell: rate },
          {
            head: <RateAxis width={axis} name="Interval" />,
            kind: "tight",
            cell: (row) => (
              <>
                {isNarrow && rate(row)}
                <Interval rated={row} width={axis} tone={isFew(row) ? "mute" : "ink"} />
              </>
            ),
          },
          hasStrips && {
            head: "Last 40 runs",
            cell: ({ strip }) => <Strip outcomes={strip} width={isWide ? 132 : 112} />,
          },
          !isNarrow && { head: "Change", cell: (row) => <Change row={row} /> },
          isWide && {
            head: "Claimed ○–● verified",
            cell: ({ verified }) => <Dumbbell verified={verified} width={100} />,
          },
          isWide && { head: "Reported", cell: ({ coverage }) => <CoverageBar coverage={coverage} width={68} /> },
        ]}
      />
    </Section>
  );
}

/** A click anywhere in a row opens it; a link works by itself, and text can be selected. */
function goUnlessUsed({ target }: MouseEvent, name: string): void {
  if (!(target instanceof Element && target.closest("a")) && !String(getSelection())) go(name);
}

function Activity({ row }: { row: AgentRow }) {
  const { now } = surroundings;
  const last = row.last_at === null ? "" : ` · ${ago(row.last_at, now)}`;
  const underWay = row.under_way > 0 ? ` · ${row.under_way} under way` : "";
  return <small>{counted(row.runs, "run") + last + underWay}</small>;
}

function Change({ row }: { row: AgentRow }) {
  const { before, evidence, since, verdict } = row;
  const counts = since.runs > 0 && share(since) + (before ? `, was ${share(before)}` : "");
  return (
    <>
      <Word word={verdictWords[verdict]} />
      <small>{isFew(row) ? evidence.split(", ").at(-1) : counts}</small>
    </>
  );
}
