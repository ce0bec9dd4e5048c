import type { Environment } from "../../config.ts";
import { printable } from "../../domain/text/plain-text.ts";
import { ownInstants, shownTime } from "./shown-time.ts";

/**
 * How text is shown where it goes to.
 *
 * Stands in for picocolors, which looks at the process's own environment; here the environment is an argument.
 */
export interface Style {
  /** The columns of the terminal; `undefined` if it goes to a file or a program, and nothing is cut. */
  readonly width: number | undefined;
  /** A stored instant as people read it, e.g. `2026-11-21 18:00`: in local time, or in UTC if that was asked for. */
  when(timestamp: string | null): string;
  /** A sentence of ours with its instants as people read them. */
  withTimes(sentence: string): string;
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  warning(text: string): string;
  /** Struck through: what no longer counts. */
  struck(text: string): string;
}

export interface Sink {
  readonly isTerminal: boolean;
  readonly columns: number | undefined;
}

/** Some programs that show a terminal say that it has no columns at all. */
const NARROWEST = 40;
const USUAL_COLUMNS = 80;

export function styleFor(sink: Sink, environment: Environment, { utc = false } = {}): Style {
  const paint = takesColour(sink, environment)
    ? (code: number, end: number) => (text: string) => (text === "" ? "" : `\u001b[${code}m${text}\u001b[${end}m`)
    : () => (text: string) => text;
  return {
    width: sink.isTerminal ? Math.max(NARROWEST, sink.columns || USUAL_COLUMNS) : undefined,
    when: (timestamp) => shownTime(timestamp, utc),
    withTimes: (sentence) => sentence.replaceAll(ownInstants, (instant) => shownTime(instant, utc)),
    bold: paint(1, 22),
    dim: paint(2, 22),
    good: paint(32, 39),
    bad: paint(31, 39),
    warning: paint(33, 39),
    struck: paint(9, 29),
  };
}

/**
 * FORCE_COLOR decides once it is set, as it does in Node itself; then NO_COLOR, in any form but an empty one
 * (https://no-color.org); then whether there is a terminal that knows colours.
 */
function takesColour({ isTerminal }: Sink, { FORCE_COLOR, NO_COLOR, TERM }: Environment): boolean {
  if (FORCE_COLOR !== undefined) return ["", "1", "true", "2", "3"].includes(FORCE_COLOR);
  return isTerminal && !NO_COLOR && TERM !== "dumb";
}

/** Text as it is: what a pipe gets. */
export const plainStyle: Style = styleFor({ isTerminal: false, columns: undefined }, {});

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what a terminal takes for a colour
const ownColours = /(\u001b\[(?:1|2|9|22|29|31|32|33|39)m)/;

/** A command's whole text for a terminal: of all that could steer it, only the colours above are left. */
export function forTerminal(text: string): string {
  return text
    .split(ownColours)
    .map((part, index) => (index % 2 === 1 ? part : printable(part)))
    .join("");
}
