import type { Rated } from "../../domain/dashboard/view-model.ts";
import { rateTicks } from "../axis.ts";
import { percent, range, share } from "../format.ts";
import { useWidth } from "../hooks.ts";
import { Dot, Grid, rateScale } from "./interval.tsx";

export interface Side {
  readonly label: string;
  readonly rated: Rated;
  readonly tone: string;
}

const LABELS = 132;
const ROW = 20;

/** Two rates to be compared, one above the other on the shared axis. */
export function Pair({ sides }: { readonly sides: readonly Side[] }) {
  const [element, width] = useWidth<HTMLDivElement>();
  const height = ROW * sides.length + 4;
  const x = rateScale(width, LABELS);
  const spoken = sides.map(({ label, rated }) => `${label} ${share(rated)}, ${percent(rated.rate)}, ${range(rated)}`);
  return (
    <div ref={element}>
      {width > 0 && (
        <svg width={width} height={height} role="img" aria-label={spoken.join("; ")}>
          <Grid x={x} ticks={rateTicks} height={height} />
          {sides.map(({ label, rated, tone }, row) => {
            const y = ROW * row + 12;
            return (
              <g key={label}>
                <text y={y + 4}>{label}</text>
                <text x={LABELS - 8} y={y + 4} text-anchor="end" class="ink">
                  {share(rated)}
                </text>
                {rated.runs > 0 && <Dot {...rated} value={rated.rate} x={x} y={y} tone={tone} />}
              </g>
            );
          })}
        </svg>
      )}
    </div>
  );
}
