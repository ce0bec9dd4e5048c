import { useEffect, useState } from "preact/hooks";
import { whole } from "../format.ts";
import type { RunsOutcome, Transport } from "../transport/transport.ts";
import { Section } from "./frame.tsx";
import { problemText } from "./problem.tsx";
import { RunRows } from "./run-rows.tsx";
import { useRuns } from "./use-runs.ts";

interface RunsProps {
  readonly agent: string;
  readonly transport: Transport;
  readonly version: number;
}

const outcomes: readonly (readonly [RunsOutcome | "", string])[] = [
  ["", "All outcomes"],
  ["success", "Succeeded"],
  ["failure", "Failed"],
  ["refuted", "Refuted by a check"],
  ["verified", "Verified"],
];

const TYPING_MS = 250;

/** Single runs, newest first, with what is on record of each. */
export function RunsSection({ agent, transport, version }: RunsProps) {
  const [outcome, setOutcome] = useState<RunsOutcome>();
  const [typed, setTyped] = useState("");
  const [text, setText] = useState("");
  const [isInside, setInside] = useState(false);
  const { load, problem, isLoading, runs, hasNews } = useRuns(transport, { agent, outcome, text }, version, isInside);
  useEffect(() => {
    const timer = setTimeout(() => setText(typed.trim()), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const isFiltered = outcome !== undefined || text !== "";
  return (
    <Section title="Runs" note="Newest first. Open one to read its record.">
      <div class="filters">
        <input
          type="search"
          placeholder="Search in records"
          aria-label="Search in records"
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <select
          aria-label="Outcome"
          onChange={(event) => setOutcome(outcomes[event.currentTarget.selectedIndex]?.[0] || undefined)}
        >
          {outcomes.map(([value, name]) => (
            <option key={value} value={value} selected={value === (outcome ?? "")}>
              {name}
            </option>
          ))}
        </select>
        {hasNews && (
          <button type="button" onClick={() => load({})}>
            Show new runs
          </button>
        )}
        <span role="status" class="mute">
          {problem !== undefined ? problemText(problem) : isLoading ? "Looking…" : ""}
        </span>
      </div>
      {runs !== undefined && (
        <div onPointerEnter={() => setInside(true)} onPointerLeave={() => setInside(false)}>
          {runs.runs.length > 0 && <RunRows runs={runs.runs} transport={transport} agent={agent} />}
          <p class="more">
            {runs.runs.length === 0 && <span>{isFiltered ? "No run is like that." : "No runs on record."}</span>}
            {!runs.is_complete && <span>Searched the last {whole(runs.searched)} runs.</span>}
            {!runs.is_complete && isFiltered && (
              <button type="button" disabled={isLoading} onClick={() => load({ all: true })}>
                Search all
              </button>
            )}
            {runs.next_cursor !== null && (
              <button
                type="button"
                disabled={isLoading}
                onClick={() => load({ cursor: runs.next_cursor ?? undefined })}
              >
                Older runs
              </button>
            )}
          </p>
        </div>
      )}
    </Section>
  );
}
