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
  const startedAt = now();
  let shownAt: number | undefined;
  let isOnLine = false;
  return {
    step(what, done, total) {
      const at = now();
      if (shownAt === undefined ? at - startedAt < firstAfterMs : at - shownAt < everyMs) return;
      shownAt = at;
      const text = `${what}: ${done}${total === undefined ? "" : ` of ${total}`}`;
      write(isTerminal ? `\r\u001b[K${text}` : `kaizen-metrics: ${text}\n`);
      isOnLine = isTerminal;
    },
    clear() {
      if (isOnLine) write("\r\u001b[K");
      isOnLine = false;
    },
  };
}

/** For where nobody looks. */
export const noProgress: Progress = { step() {}, clear() {} };
