import { useEffect, useState } from "preact/hooks";
import type { AgentRow } from "../../../domain/dashboard/view-model.ts";
import { whole } from "../../format.ts";
import type { RunsOutcome, Transport } from "../../transport/transport.ts";
import { Section } from "../frame/frame.tsx";
import { problemText } from "../frame/problem.tsx";
import { RunRows } from "./run-rows.tsx";
import { useRuns } from "./use-runs.ts";

interface RunsProps {
  readonly agent: AgentRow;
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
export function RunsSection({ agent: { name: agent, runs: all }, transport, version }: RunsProps) {
  const [outcome, setOutcome] = useState<RunsOutcome>();
  const [typed, setTyped] = useState("");
  const [text, setText] = useState("");
  const [isInside, setInside] = useState(false);
  const list = useRuns(transport, { agent, outcome, text }, version, isInside);
  const { isLoading, isSearching, load, problem, runs } = list;
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
        {list.hasNews && (
          <button type="button" onClick={() => load()}>
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
            {runs.runs.length === 0 && (
              <span>
                {isFiltered
                  ? `No run is like that${runs.next_cursor === null ? "" : " so far"}.`
                  : "No runs on record."}
              </span>
            )}
            {runs.next_cursor !== null && (
              <>
                {isFiltered && (
                  <span>
                    Searched the last {whole(runs.searched)} of {whole(all)} runs.
                  </span>
                )}
                <button type="button" onClick={() => (isFiltered && isSearching ? list.stop() : load(runs))}>
                  {isFiltered ? (isSearching ? "Stop" : "Search all") : "Older runs"}
                </button>
              </>
            )}
          </p>
        </div>
      )}
    </Section>
  );
}
