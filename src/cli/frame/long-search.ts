import type { SearchBounds } from "../../kaizen/queries/search.ts";
import { counted } from "../../messages/figures.ts";
import type { CommandContext, FlagSpecs } from "./define-command.ts";

/** A search that finds too few ends after so many runs, however many there are: who typed it waits for the answer. */
const LOOKED_AT = 20_000;

/** What a shell gives a command that Ctrl-C ended. */
const INTERRUPTED = 130;

export const searchFlags = {
  "search-all": {
    type: "boolean",
    description: `Search every run; without it a search ends after about ${LOOKED_AT}. Ctrl-C shows what was found so far`,
  },
} as const satisfies FlagSpecs;

export interface Searched<T> {
  readonly found: T;
  /** Whether Ctrl-C ended it. */
  readonly isStopped: boolean;
  readonly exitCode: number;
}

/**
 * Searches a bounded number of runs, or all: then says how far it is, and the first Ctrl-C gives what was found so far.
 * `total` is asked for only if that is shown; `undefined` if it is not known.
 */
export async function searchInBounds<T>(
  { progress }: Pick<CommandContext, "progress">,
  isOfAll: boolean,
  total: () => Promise<number | undefined>,
  search: (bounds: SearchBounds) => Promise<T>,
): Promise<Searched<T>> {
  if (!isOfAll) return { found: await search({ budget: LOOKED_AT }), isStopped: false, exitCode: 0 };
  const interrupt = new AbortController();
  const stop = () => interrupt.abort();
  process.once("SIGINT", stop);
  try {
    const all = await total();
    let searched = 0;
    const onSearched = (runs: number) => {
      searched += runs;
      progress.step("runs searched", searched, all);
    };
    const { signal } = interrupt;
    const found = await search({ signal, onSearched });
    return { found, isStopped: signal.aborted, exitCode: signal.aborted ? INTERRUPTED : 0 };
  } finally {
    process.off("SIGINT", stop);
  }
}

export interface EndedEarly {
  readonly searched: number;
  readonly isStopped: boolean;
  /** How many agents have further runs, if all were searched. */
  readonly cutAgents?: number;
  readonly next?: string | undefined;
}

/** How far a search looked that ended early, and how it goes on. */
export function searchNote({ cutAgents, isStopped, next, searched }: EndedEarly): string {
  const runs = counted(searched, "run");
  const said =
    cutAgents === undefined
      ? `Searched ${runs}, newest first, and there are more.`
      : `Searched ${runs}, newest first of each agent, and ${counted(cutAgents, "agent has", "agents have")} more.`;
  const onward = [
    ...(next === undefined ? [] : [`--cursor ${next} goes on from here`]),
    ...(isStopped ? [] : ["--search-all searches every run"]),
  ];
  return [...(isStopped ? ["Stopped."] : []), said, ...(onward.length === 0 ? [] : [`${onward.join(", ")}.`])].join(
    " ",
  );
}

export function noneSearched(searched: number): string {
  return `No such run among the ${searched} that were searched.`;
}
