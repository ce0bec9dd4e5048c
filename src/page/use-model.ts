import { useEffect, useRef, useState } from "preact/hooks";
import { type Connection, PageProblem, type Transport } from "./transport/transport.ts";

/** How the page stands with the program, and how often something has changed since it began. */
export function useLive(transport: Transport) {
  const [connection, setConnection] = useState<Connection>();
  const [versions, setVersions] = useState<ReadonlyMap<string, number>>(new Map());
  useEffect(() => {
    // An agent without a name stands for all: the overview shows something of each.
    const onChange = (agents: readonly string[]) =>
      setVersions((before) => {
        const names = agents.length === 0 ? [everything] : [...agents, overview];
        return new Map([...before, ...names.map((name): [string, number] => [name, (before.get(name) ?? 0) + 1])]);
      });
    transport.watch(onChange, setConnection);
  }, [transport]);
  const versionOf = (name = overview) => (versions.get(name) ?? 0) + (versions.get(everything) ?? 0);
  return { connection, versionOf };
}

const overview = "\0overview";
const everything = "\0everything";

interface Loaded<T> {
  readonly key: string;
  readonly model?: T | undefined;
  readonly problem?: unknown;
}

/**
 * A model that is loaded again with each version of it, and shown until the next one is there. A program or a store that has
 * gone takes nothing away that is on the page; the lamp tells of it.
 */
export function useModel<T>(load: () => Promise<T> | undefined, key: string, version: number): Loaded<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>({ key });
  const latest = useRef(0);
  // The key and the version say when there is something to load.
  useEffect(() => {
    latest.current += 1;
    const turn = latest.current;
    load()?.then(
      (model) => turn === latest.current && setLoaded({ key, model }),
      (problem: unknown) =>
        turn === latest.current && setLoaded((before) => (isKept(before, key, problem) ? before : { key, problem })),
    );
  }, [key, version]);
  return loaded.key === key ? loaded : { key };
}

function isKept<T>(before: Loaded<T>, key: string, problem: unknown): boolean {
  const hasGone = problem instanceof PageProblem && ["unreachable", "away"].includes(problem.kind);
  return hasGone && before.key === key && before.model !== undefined;
}
