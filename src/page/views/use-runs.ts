import { useEffect, useRef, useState } from "preact/hooks";
import type { RunsModel } from "../../domain/dashboard/run-models.ts";
import type { RunsQuery, Transport } from "../transport/transport.ts";

type Filter = Pick<RunsQuery, "agent" | "outcome" | "text">;
type Request = Pick<RunsQuery, "cursor" | "all">;

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
  const isOfAll = useRef(false);
  const { agent, outcome, text } = filter;

  async function load(wanted: Request) {
    if (transport.runs === undefined) return;
    request.current?.abort();
    const abort = new AbortController();
    request.current = abort;
    setLoading(true);
    try {
      const found = await transport.runs(
        { agent, outcome, text: text || undefined, all: isOfAll.current, ...wanted },
        abort.signal,
      );
      if (abort.signal.aborted) return;
      isLong.current = wanted.cursor !== undefined;
      if (wanted.all) isOfAll.current = true;
      setRuns((before) =>
        wanted.cursor === undefined || before === undefined
          ? found
          : { ...found, runs: [...before.runs, ...found.runs] },
      );
      setProblem(undefined);
      if (wanted.cursor === undefined) setShownVersion(version);
    } catch (error) {
      if (abort.signal.aborted) return;
      setProblem(error);
    }
    setLoading(false);
  }

  // Another filter is another list.
  useEffect(() => {
    isOfAll.current = false;
    void load({});
    return () => request.current?.abort();
  }, [agent, outcome, text, transport]);

  const hasNews = version !== shownVersion;
  // What is loaded does not decide when.
  useEffect(() => {
    if (hasNews && !isInside && !isLong.current) void load({});
  }, [version, isInside]);

  return { runs, problem, isLoading, load, hasNews };
}
