import { useEffect, useState } from "preact/hooks";
import type { RunModel, RunsModel } from "../../../domain/dashboard/run-models.ts";
import { localTimes, missing, moment, seconds } from "../../format.ts";
import { room } from "../../hooks.ts";
import { Word } from "../../marks/icon.tsx";
import { checkWords, outcomeWords } from "../../marks/words.ts";
import type { Transport } from "../../transport/transport.ts";
import { Sentences } from "../frame/frame.tsx";
import { problemText } from "../frame/problem.tsx";
import { Table } from "../frame/table.tsx";

interface RowsProps {
  readonly runs: RunsModel["runs"];
  readonly agent: string;
  readonly transport: Transport;
}

/** A row for each run; it opens to the record and to what checks found. */
export function RunRows({ agent, runs, transport }: RowsProps) {
  const { isNarrow } = room();
  const [open, setOpen] = useState<string | null>(null);
  return (
    <Table
      rows={runs}
      keyOf={({ id }) => id}
      onRow={({ id }) => setOpen(id === open ? null : id)}
      below={({ id }) => id === open && <Record agent={agent} id={id} transport={transport} />}
      columns={[
        {
          head: "When",
          kind: "nowrap",
          cell: ({ at, id, task, time_s }) => (
            <>
              <button type="button" class="opener" aria-expanded={id === open} aria-label={`Record of ${moment(at)}`}>
                {id === open ? "▾" : "▸"}
              </button>
              {moment(at)}
              {isNarrow && <small>{`${task ?? ""} ${seconds(time_s)}`}</small>}
            </>
          ),
        },
        {
          head: "Outcome",
          cell: ({ outcome, verified_by, words }) => (
            <>
              <Word word={outcomeWords[outcome]} />
              {verified_by && <small>verified by {verified_by}</small>}
              {isNarrow && <small class="clamped">{words}</small>}
            </>
          ),
        },
        !isNarrow && {
          head: "Task",
          cell: ({ model, task }) => (
            <>
              {task ?? missing}
              {model && <small>{model}</small>}
            </>
          ),
        },
        !isNarrow && { head: "Time", kind: "number", cell: ({ time_s }) => seconds(time_s) },
        !isNarrow && { head: "Error or notes", cell: ({ words }) => <div class="code clamped">{words}</div> },
      ]}
    />
  );
}

/** What is on record of a run, asked for when it is opened. */
function Record({ agent, id, transport }: { agent: string; id: string; transport: Transport }) {
  const [shown, setShown] = useState<RunModel>();
  const [said, setSaid] = useState("Looking…");
  useEffect(() => {
    transport.run?.(agent, id).then(setShown, (error: unknown) => setSaid(problemText(error)));
  }, [agent, id, transport]);
  if (shown === undefined) return <p role="status">{said}</p>;
  return (
    <>
      {shown.verifications.map(({ at, by, counts, success, words }, place) => (
        <p key={place}>
          <Word word={checkWords[`${success}`]} /> {by}, {moment(at)}
          {!counts && " · does not count"}
          <small>{words}</small>
        </p>
      ))}
      <Sentences all={shown.seen.map(localTimes)} />
      <pre>{shown.record}</pre>
    </>
  );
}
