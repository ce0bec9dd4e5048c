import { plainLine } from "../../domain/text/plain-text.ts";

/** How far long work has come: on stderr, and only where it takes long enough to be wondered about. */
export interface Progress {
  /** Says how far. May be called for every line of a file: it writes now and then. `total` is left out if unknown. */
  step(what: string, done: number, total?: number): void;
  /** Says how far the work on a file has come: takes bytes and shows megabytes. */
  bytes(what: string, done: number, total: number): void;
  /** Takes the line off the terminal again. */
  clear(): void;
}

export interface ProgressOptions {
  readonly isTerminal: boolean;
  /** Of the terminal: a line that is wider would not be taken off again. */
  readonly columns: number | undefined;
  write(text: string): void;
  /** The current instant in ms. */
  now(): number;
}

/** A terminal has its line replaced so often; elsewhere there is a new line each time, so it is seldom. */
const rhythms = {
  terminal: { firstAfterMs: 400, everyMs: 100 },
  plain: { firstAfterMs: 2_000, everyMs: 10_000 },
};

const USUAL_COLUMNS = 80;
const LONGEST_LINE = 300;

export function createProgress({ columns, isTerminal, now, write }: ProgressOptions): Progress {
  const { firstAfterMs, everyMs } = isTerminal ? rhythms.terminal : rhythms.plain;
  let dueAt = now() + firstAfterMs;
  let latest = () => "";
  let timer: NodeJS.Timeout | undefined;
  let isOnLine = false;
  const show = () => {
    clearTimeout(timer);
    timer = undefined;
    dueAt = now() + everyMs;
    write(isTerminal ? `\r\u001b[K${latest()}` : `kaizen-metrics: ${latest()}\n`);
    isOnLine = isTerminal;
  };
  const room = isTerminal ? (columns || USUAL_COLUMNS) - 1 : LONGEST_LINE;
  const tell = (what: string, done: string, total: string | undefined, unit = "") => {
    latest = () => {
      const figures = `: ${done}${total === undefined ? "" : ` of ${total}`}${unit}`;
      return plainLine(what, room - figures.length) + figures;
    };
    if (now() >= dueAt) show();
    // The next step may take long; and what waits here keeps no process alive.
    else timer ??= setTimeout(show, dueAt - now()).unref();
  };
  return {
    step: (what, done, total) => tell(what, String(done), total?.toString()),
    bytes: (what, done, total) => tell(what, megabytes(done), megabytes(total), " MB"),
    clear() {
      clearTimeout(timer);
      timer = undefined;
      if (isOnLine) write("\r\u001b[K");
      isOnLine = false;
    },
  };
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
