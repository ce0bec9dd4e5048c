/** How far long work has come: on stderr, and only where it takes long enough to be wondered about. */
export interface Progress {
  /** Says how far. May be called for every line of a file: it writes now and then. `total` is left out where nobody knows. */
  step(what: string, done: number, total?: number): void;
  /** Takes the line off the terminal again. */
  clear(): void;
}

export interface ProgressOptions {
  readonly isTerminal: boolean;
  write(text: string): void;
  /** The current instant in ms. */
  now(): number;
}

/** A terminal has its line replaced so often; elsewhere there is a new line each time, so it is seldom. */
const rhythms = {
  terminal: { firstAfterMs: 400, everyMs: 100 },
  plain: { firstAfterMs: 2_000, everyMs: 10_000 },
};

export function createProgress({ isTerminal, now, write }: ProgressOptions): Progress {
  const { firstAfterMs, everyMs } = isTerminal ? rhythms.terminal : rhythms.plain;
  let dueAt = now() + firstAfterMs;
  let latest = "";
  let timer: NodeJS.Timeout | undefined;
  let isOnLine = false;
  const show = () => {
    clearTimeout(timer);
    timer = undefined;
    dueAt = now() + everyMs;
    write(isTerminal ? `\r\u001b[K${latest}` : `kaizen-metrics: ${latest}\n`);
    isOnLine = isTerminal;
  };
  return {
    step(what, done, total) {
      latest = `${what}: ${done}${total === undefined ? "" : ` of ${total}`}`;
      if (now() >= dueAt) show();
      // The next step may take long; and what waits here keeps no process alive.
      else timer ??= setTimeout(show, dueAt - now()).unref();
    },
    clear() {
      clearTimeout(timer);
      timer = undefined;
      if (isOnLine) write("\r\u001b[K");
      isOnLine = false;
    },
  };
}

/** For where nobody looks. */
export const noProgress: Progress = { step() {}, clear() {} };
