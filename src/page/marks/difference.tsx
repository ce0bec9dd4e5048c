import type { ComparisonRow } from "../../domain/dashboard/view-model.ts";
import { linear, type Scale } from "../axis.ts";
import { points } from "../format.ts";
import { Axis, Dot, Grid } from "./interval.tsx";

const ticks = [-0.5, -0.25, 0, 0.25, 0.5];
const HEIGHT = 28;

/** From -60 to +60 points, or as far as the widest interval reaches. */
export function differenceScale(rows: readonly ComparisonRow[], width: number) {
  const reach = Math.max(0.6, ...rows.flatMap(({ low, high }) => [-low, high]));
  return linear([-reach, reach], [10, width - 10]);
}

export function DifferenceAxis(props: { name: string; x: Scale; width: number }) {
  return <Axis {...props} ticks={props.width < 170 ? [-0.5, 0, 0.5] : ticks} text={points} />;
}

/** The difference of two rates against the line of no difference; hollow if it is not clear. */
export function Difference({ row, x, width }: { row: ComparisonRow; x: Scale; width: number }) {
  const tone = row.winner === null ? "mute hollow" : "ink";
  return (
    <svg width={width} height={HEIGHT} role="img" aria-label={`${points(row.low)} to ${points(row.high)} points`}>
      <Grid x={x} ticks={ticks} height={HEIGHT} />
      <path d={`M${Math.round(x(0)) + 0.5} -99V${HEIGHT + 99}`} class="tick" />
      <Dot {...row} value={row.difference} x={x} y={HEIGHT / 2} tone={tone} />
    </svg>
  );
}
