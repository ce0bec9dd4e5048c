import type { Network, Store } from "../store.ts";
import type { PostgresStoreOptions } from "./store.ts";

export type { PostgresStoreOptions } from "./store.ts";

/** Often enough for who waits for a change, and seldom enough for a server that is asked by all of a team. */
const LOOK_EVERY_MS = 10_000;

/** What looks after a server; it stands with the engine, since it needs the driver. */
export const serverOf = () => import("./store.ts");

type Parts = Omit<Required<Store>, "files" | "network">;

/**
 * Opens a team's store, without waiting for anything: the engine and its driver are loaded with the first call, so that
 * who has no such store never loads them. It connects when something is asked for, and closes what is idle.
 */
export function openPostgres(options: PostgresStoreOptions): Parts & Pick<Required<Store>, "network"> {
  let loading: Promise<Parts & Pick<Network, "asOneCall">> | undefined;
  const load = () => {
    loading ??= serverOf().then(({ asOneCall, createPostgresStore }) => ({
      ...createPostgresStore(options),
      asOneCall,
    }));
    return loading;
  };
  const of = async <K extends keyof Parts, T>(part: K, use: (part: Parts[K]) => Promise<T>): Promise<T> => {
    const store = await load();
    return store.asOneCall(() => use(store[part]));
  };
  return {
    network: { asOneCall: async (work) => (await load()).asOneCall(work), lookEveryMs: LOOK_EVERY_MS },
    runs: {
      append(agent, runs, how) {
        // What the caller does to them before the engine is loaded is none of ours.
        const given = structuredClone(runs);
        return of("runs", (part) => part.append(agent, given, how));
      },
      verify: (...given) => of("runs", (part) => part.verify(...given)),
      overview: (...given) => of("runs", (part) => part.overview(...given)),
      days: (...given) => of("runs", (part) => part.days(...given)),
      page: (...given) => of("runs", (part) => part.page(...given)),
      async *scan(...given) {
        yield* (await load()).runs.scan(...given);
      },
      existingKeys: (...given) => of("runs", (part) => part.existingKeys(...given)),
      lookUp: (...given) => of("runs", (part) => part.lookUp(...given)),
      listAgents: (...given) => of("runs", (part) => part.listAgents(...given)),
      changeToken: (...given) => of("runs", (part) => part.changeToken(...given)),
      close: () => of("runs", (part) => part.close()),
    },
    lifecycle: {
      observe: (...given) => of("lifecycle", (part) => part.observe(...given)),
      overview: (...given) => of("lifecycle", (part) => part.overview(...given)),
      find: (...given) => of("lifecycle", (part) => part.find(...given)),
      listAgents: (...given) => of("lifecycle", (part) => part.listAgents(...given)),
      changeToken: (...given) => of("lifecycle", (part) => part.changeToken(...given)),
      close: () => of("lifecycle", (part) => part.close()),
    },
    evidence: {
      note: (...given) => of("evidence", (part) => part.note(...given)),
      overview: (...given) => of("evidence", (part) => part.overview(...given)),
      find: (...given) => of("evidence", (part) => part.find(...given)),
      listAgents: (...given) => of("evidence", (part) => part.listAgents(...given)),
      changeToken: (...given) => of("evidence", (part) => part.changeToken(...given)),
      close: () => of("evidence", (part) => part.close()),
    },
    advice: {
      writeAnalysis(report, ...more) {
        const given = structuredClone(report);
        return of("advice", (part) => part.writeAnalysis(given, ...more));
      },
      readAnalysis: () => of("advice", (part) => part.readAnalysis()),
      readAdvice: () => of("advice", (part) => part.readAdvice()),
      merge: (...given) => of("advice", (part) => part.merge(...given)),
      change: (...given) => of("advice", (part) => part.change(...given)),
      changeToken: () => of("advice", (part) => part.changeToken()),
    },
    retention: { prune: (...given) => of("retention", (part) => part.prune(...given)) },
    ordering: { sortByTime: (...given) => of("ordering", (part) => part.sortByTime(...given)) },
    voiding: {
      voidRun: (...given) => of("voiding", (part) => part.voidRun(...given)),
      undo: (...given) => of("voiding", (part) => part.undo(...given)),
      voidedRuns: (...given) => of("voiding", (part) => part.voidedRuns(...given)),
      close: () => of("voiding", (part) => part.close()),
    },
    moving: {
      move: (...given) => of("moving", (part) => part.move(...given)),
      remove: (...given) => of("moving", (part) => part.remove(...given)),
      close: () => of("moving", (part) => part.close()),
    },
  };
}
