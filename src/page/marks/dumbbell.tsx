import type { AgentRow } from "../../domain/dashboard/view-model.ts";
import { percent, points } from "../format.ts";
import { rateScale } from "./interval.tsx";

/** What an agent claims, hollow, beside what checks found of the same runs. */
export function Dumbbell({ verified, width }: { verified: AgentRow["verified"]; width: number }) {
  const { claimed_rate: claimed, gap, rate, runs } = verified;
  if (rate === null || claimed === null) return <small>nothing verified yet</small>;
  const x = rateScale(width);
  const apart = points(Math.abs(gap ?? 0)).slice(1);
  return (
    <>
      <svg width={width} height={20} role="img" aria-label={`claimed ${percent(claimed)}, verified ${percent(rate)}`}>
        <path d={`M${x(0)} 10.5H${x(1)}`} class="grid" />
        <path d={`M${x(rate)} 10.5H${x(claimed)}`} class="gap" />
        <g class="dot mute hollow">
          <circle cx={x(claimed)} cy={10.5} r={4.5} />
        </g>
        <g class="dot ink">
          <circle cx={x(rate)} cy={10.5} r={4.8} />
        </g>
      </svg>
      <small>
        {runs} verified{apart && `, ${apart} points apart`}
      </small>
    </>
  );
}
