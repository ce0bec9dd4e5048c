import { AsyncLocalStorage } from "node:async_hooks";

/** What a command begins in a process of its own, and what ends with that. */
interface Life {
  readonly begun: number;
  readonly timers: Set<NodeJS.Timeout>;
}

const lives = new AsyncLocalStorage<Life>();

/**
 * Lets work live in this process as in one of its own: its clock begins with it, what it does at its exit is done at its
 * end, and its timers and listeners end with it. It gets no threads: Node.js 20 may crash where many are ended. One at a time.
 */
export async function asInOwnProcess<T>(work: () => Promise<T>): Promise<T> {
  const life: Life = { begun: performance.now(), timers: new Set() };
  const before = { exit: process.listeners("exit"), failure: process.listeners("uncaughtException") };
  const restore = watchClocks();
  const { exit, getBuiltinModule } = process;
  process.getBuiltinModule = ((name: string) => {
    if (name === "node:worker_threads") throw new Error("there are no threads here");
    return getBuiltinModule(name);
  }) as typeof getBuiltinModule;
  try {
    return await new Promise<T>((resolve, reject) => {
      process.exit = () => {
        reject(new Error("what ends itself needs a process of its own"));
        return undefined as never;
      };
      lives.run(life, work).then(resolve, reject);
    });
  } finally {
    process.exit = exit;
    restore();
    process.getBuiltinModule = getBuiltinModule;
    for (const timer of life.timers) clearTimeout(timer);
    for (const listener of process.listeners("uncaughtException").filter((one) => !before.failure.includes(one)))
      process.off("uncaughtException", listener);
    for (const listener of process.listeners("exit").filter((one) => !before.exit.includes(one))) {
      process.off("exit", listener);
      listener.call(process, 0);
    }
  }
}

/** Only what the work itself asks for is its own. */
function watchClocks(): () => void {
  const { setTimeout } = globalThis;
  const now = performance.now.bind(performance);
  performance.now = () => now() - (lives.getStore()?.begun ?? 0);
  const timed = (...args: Parameters<typeof setTimeout>) => {
    const timer = setTimeout(...args);
    lives.getStore()?.timers.add(timer);
    return timer;
  };
  globalThis.setTimeout = Object.assign(timed, setTimeout);
  return () => {
    globalThis.setTimeout = setTimeout;
    Reflect.deleteProperty(performance, "now");
  };
}
