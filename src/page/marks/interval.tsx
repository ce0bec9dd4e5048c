import type { Rated } from "../../domain/dashboard/view-model.ts";
import { linear, rateTicks, type Scale } from "../axis.ts";
import { percent, range } from "../format.ts";

const PADDING = 7;
const HEIGHT = 28;

export const rateScale = (width: number, start = 0) => linear([0, 1], [start + PADDING, width - PADDING]);

interface AxisProps {
  readonly name: string;
  readonly x: Scale;
  readonly width: number;
  readonly ticks: readonly number[];
  readonly text: (tick: number) => string;
}

/** The labels over a column of marks. */
export function Axis({ name, text, ticks, width, x }: AxisProps) {
  return (
    <svg width={width} height={14} role="img" aria-label={name}>
      {ticks.map((tick) => (
        <text key={tick} x={x(tick)} y={11} text-anchor="middle">
          {text(tick)}
        </text>
      ))}
    </svg>
  );
}

export function RateAxis({ name, width }: { name: string; width: number }) {
  const ticks = width < 170 ? [0, 0.5, 1] : rateTicks;
  return <Axis name={name} x={rateScale(width)} width={width} ticks={ticks} text={percent} />;
}

/** The lines of a shared axis, through all rows of a column. */
export function Grid({ height, ticks, x }: { x: Scale; ticks: readonly number[]; height: number }) {
  const path = ticks.map((tick) => `M${Math.round(x(tick)) + 0.5} -99V${height + 99}`).join("");
  return <path d={path} class="grid" />;
}

/** Something as a dot, on the interval that it may as well lie in. */
export function Dot(props: { low: number; high: number; value: number | null; x: Scale; y: number; tone: string }) {
  const { x, y, value } = props;
  const [low, high] = [x(props.low), x(props.high)];
  return (
    <g class={`dot ${props.tone}`}>
      <path d={`M${low} ${y}H${high}M${low} ${y - 4}v8M${high} ${y - 4}v8`} />
      {value !== null && <circle cx={x(value)} cy={y} r={4.8} />}
    </g>
  );
}

export function Interval({ rated, width, tone }: { rated: Rated; width: number; tone: string }) {
  const x = rateScale(width);
  return (
    <svg width={width} height={HEIGHT} role="img" aria-label={`${percent(rated.rate)}, 95% interval ${range(rated)}`}>
      <Grid x={x} ticks={rateTicks} height={HEIGHT} />
      {rated.runs > 0 && <Dot {...rated} value={rated.rate} x={x} y={HEIGHT / 2} tone={tone} />}
    </svg>
  );
}
