import { printable } from "./domain/text/plain-text.ts";

/** Words for the person who runs the process. Never stdout: that belongs to the protocol, or to what was asked for. */
export interface Log {
  info(message: string): void;
  /** What a person should look after: damage, which is read around. */
  warning(message: string): void;
  /** A fault of ours or of the machine; the cause is shown with its stack. */
  error(message: string, cause?: unknown): void;
}

/** Writes each message as lines that name their program, for clients that mix the output of several servers. */
export function createLog(write: (text: string) => void): Log {
  // Messages may quote what others wrote.
  const say = (message: string) => write(`kaizen-metrics: ${printable(message)}\n`);
  return {
    info: say,
    warning: say,
    error: (message, cause) => say(cause === undefined ? message : `${message}\n${describeCause(cause)}`),
  };
}

/** If so much waits for the reader of stderr, further messages are lost: they must not fill the memory. */
const MAX_UNREAD_BYTES = 256 * 1024;

/** `open` gives the stream, once there is something to say. */
export function stderrLog(open: () => LogStream): Log {
  return createLog((text) => {
    const stderr = open();
    if (stderr.writableLength <= MAX_UNREAD_BYTES) stderr.write(text);
  });
}

interface LogStream {
  readonly writableLength: number;
  write(text: string): unknown;
}

/** Takes what a store says on the side, each notice by what it is about. */
export function noticesTo(log: Log): (message: string, about?: "damage") => void {
  return (message, about) => (about === "damage" ? log.warning(message) : log.info(message));
}

function describeCause(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const below = cause.cause === undefined ? "" : `\ncaused by ${describeCause(cause.cause)}`;
  return `${cause.stack ?? cause.message}${below}`;
}
