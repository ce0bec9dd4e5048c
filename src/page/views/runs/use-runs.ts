import { useEffect, useRef, useState } from "preact/hooks";
import type { RunsModel } from "../../../domain/dashboard/run-models.ts";
import type { RunsQuery, Transport } from "../../transport/transport.ts";

type Filter = Pick<RunsQuery, "agent" | "outcome" | "text">;
/** A search for what is rare ends when so many more were found. */
const ENOUGH = 50;

/**
 * The runs that a filter picks. A change of the agent loads them anew, unless the pointer is among them or older ones are
 * shown: then it is only said that there are new ones.
 */
export function useRuns(transport: Transport, filter: Filter, version: number, isInside: boolean) {
  const [runs, setRuns] = useState<RunsModel>();
  const [problem, setProblem] = useState<unknown>();
  const [isLoading, setLoading] = useState(false);
  const [shownVersion, setShownVersion] = useState(version);
  const request = useRef<AbortController | null>(null);
  const isLong = useRef(false);
  const { agent, outcome, text } = filter;

  function stop() {
    request.current?.abort();
    setLoading(false);
  }

  /** Loads the newest; or what comes behind those that are shown: each answer looks at a few, and all that is known is shown. */
  async function load(shown?: RunsModel) {
    if (transport.runs === undefined) return;
    stop();
    const abort = new AbortController();
    request.current = abort;
    isLong.current = shown !== undefined;
    setLoading(true);
    const enough = (shown?.runs.length ?? 0) + ENOUGH;
    try {
      do {
        const cursor = shown?.next_cursor ?? undefined;
        const found = await transport.runs({ agent, outcome, text, cursor }, abort.signal);
        if (abort.signal.aborted) return;
        shown = shown
          ? { ...found, runs: [...shown.runs, ...found.runs], searched: shown.searched + found.searched }
          : found;
        setRuns(shown);
        setProblem(undefined);
        if (!isLong.current) setShownVersion(version);
      } while (isLong.current && shown.next_cursor !== null && shown.runs.length < enough);
    } catch (error) {
      if (abort.signal.aborted) return;
      setProblem(error);
    }
    setLoading(false);
  }

  // Another filter is another list.
  useEffect(() => {
    void load();
    return stop;
  }, [agent, outcome, text, transport]);

  const hasNews = version !== shownVersion;
  // What is loaded does not decide when.
  useEffect(() => {
    if (hasNews && !isInside && !isLong.current) void load();
  }, [version, isInside]);

  return { runs, problem, isLoading, isSearching: isLoading && isLong.current, load, stop, hasNews };
}
