import type { Store } from "../store.ts";
import type { asOneCall } from "./server/limit.ts";
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
  let loading: Promise<Parts & { readonly asOneCall: typeof asOneCall }> | undefined;
  const load = () => {
    loading ??= serverOf().then(({ asOneCall, createPostgresStore }) => ({
      ...createPostgresStore(options),
      asOneCall,
    }));
    return loading;
  };
  /** Methods of a part, each of which loads the engine first. */
  const later = <K extends keyof Parts, M extends keyof Parts[K]>(part: K, ...methods: M[]): Pick<Parts[K], M> => {
    const call = async (method: M, given: unknown[]) => {
      const store = await load();
      const loaded: object = store[part];
      return store.asOneCall(async () => Reflect.apply(Reflect.get(loaded, method), loaded, given), options.limitMs);
    };
    const calls = methods.map((method) => [method, (...given: unknown[]) => call(method, given)]);
    return Object.fromEntries(calls);
  };
  const perAgent = ["overview", "find", "listAgents", "changeToken", "close"] as const;
  const runs = later(
    "runs",
    "verify",
    "overview",
    "days",
    "page",
    "existingKeys",
    "lookUp",
    "find",
    "listAgents",
    "changeToken",
    "close",
  );
  const written = { ...later("runs", "append"), ...later("advice", "writeAnalysis") };
  return {
    network: { asOneCall: async (work) => (await load()).asOneCall(work, options.limitMs), lookEveryMs: LOOK_EVERY_MS },
    runs: {
      ...runs,
      // What the caller does to it before the engine is loaded is none of ours.
      append: (agent, given, how) => written.append(agent, structuredClone(given), how),
      speaksFor: async (...given) => (await load()).runs.speaksFor?.(...given) ?? true,
      async *scan(...given) {
        yield* (await load()).runs.scan(...given);
      },
    },
    lifecycle: later("lifecycle", "observe", ...perAgent),
    evidence: later("evidence", "note", ...perAgent),
    advice: {
      ...later("advice", "readAnalysis", "readAdvice", "merge", "change", "changeToken"),
      writeAnalysis: (report, ...more) => written.writeAnalysis(structuredClone(report), ...more),
    },
    retention: later("retention", "prune"),
    ordering: {
      ...later("ordering", "sortByTime"),
      mayChange: async () => (await load()).ordering.mayChange?.() ?? true,
    },
    voiding: later("voiding", "voidRun", "undo", "voidedRuns", "close"),
    moving: later("moving", "move", "remove", "close"),
    receiving: later("receiving", "receive", "close"),
  };
}
