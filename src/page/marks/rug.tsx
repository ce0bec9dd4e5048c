import { at, dayTicks, linear, type Scale } from "../axis.ts";
import { day } from "../format.ts";
import { Axis } from "./interval.tsx";

const PADDING = 4;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** From when to when, in ms. */
export type Span = readonly [number, number];

/** The span of all rows, so that they can be compared; at least a day. */
export function spanOf(rows: readonly { readonly at: readonly number[] }[], now: string): Span {
  const end = Date.parse(now);
  const first = rows.flatMap((row) => row.at.map((minute) => minute * MINUTE_MS));
  return [Math.min(end - DAY_MS, ...first), end];
}

const scaleOf = (span: Span, width: number): Scale => linear(span, [PADDING, width - PADDING]);

export function RugAxis({ name, span, width }: { name: string; span: Span; width: number }) {
  const x = scaleOf(span, width);
  const ticks = dayTicks(...span, Math.max(2, Math.floor(width / 80))).map((tick) => tick.getTime());
  const fitting = ticks.filter((tick) => x(tick) > 16 && x(tick) < width - 20);
  return <Axis name={name} x={x} width={width} ticks={fitting} text={(tick) => day(new Date(tick))} />;
}

/** Each time something happened, as a mark on the line of time. */
export function Rug({ minutes, span, width }: { minutes: readonly number[]; span: Span; width: number }) {
  const x = scaleOf(span, width);
  return (
    <svg width={width} height={18} role="img" aria-label={`${minutes.length} marks in the order of time`}>
      <path d={`M0 9H${width}`} class="grid" />
      <path d={minutes.map((minute) => `M${at(x(minute * MINUTE_MS))} 2v14`).join("")} class="rug" />
    </svg>
  );
}
