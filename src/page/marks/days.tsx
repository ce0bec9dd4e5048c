import type { AgentModel } from "../../domain/dashboard/view-model.ts";
import { at, countTicks, dayTicks, linear } from "../axis.ts";
import { day, localDay, whole } from "../format.ts";
import { useWidth } from "../hooks.ts";

type Days = AgentModel["days"];

const DAY_MS = 86_400_000;
const LEFT = 34;
const HEIGHT = 96;
const TOP = 8;

/** Runs a day: successes above the line, failures below it. */
export function DayBars({ days: { rows, unit } }: { readonly days: Days }) {
  const [element, width] = useWidth<HTMLDivElement>();
  const length = unit === "week" ? 7 * DAY_MS : DAY_MS;
  const starts = rows.map((row) => Date.parse(localDay(row.day)));
  const span: [number, number] = [Math.min(...starts), Math.max(...starts) + length];
  const x = linear(span, [LEFT, width - 2]);
  const [up, down] = [
    Math.max(1, ...rows.map(({ successes }) => successes)),
    Math.max(0, ...rows.map((row) => row.runs - row.successes)),
  ];
  const line = TOP + (HEIGHT * up) / (up + down);
  const tall = HEIGHT / (up + down);
  const bar = Math.max(1, Math.min(22, x(span[0] + length) - x(span[0]) - 1.5));
  let [succeeded, failed] = ["", ""];
  rows.forEach((row, place) => {
    const left = at(x((starts[place] ?? 0) + length / 2) - bar / 2);
    const failures = row.runs - row.successes;
    if (row.successes > 0) succeeded += `M${left} ${line - 0.5}h${at(bar)}v${at(-row.successes * tall)}h${at(-bar)}z`;
    if (failures > 0) failed += `M${left} ${line + 0.5}h${at(bar)}v${at(failures * tall)}h${at(-bar)}z`;
  });
  return (
    <div ref={element}>
      {width > 0 && (
        <svg width={width} height={TOP + HEIGHT + 24} role="img" aria-label={`Runs by ${unit}, ${rows.length} of them`}>
          {countTicks(up).map((tick) => (
            <g key={tick}>
              <line x1={LEFT} x2={width} y1={line - tick * tall} y2={line - tick * tall} class="grid" />
              <text x={LEFT - 8} y={line - tick * tall + 4} text-anchor="end">
                {whole(tick)}
              </text>
            </g>
          ))}
          <path d={succeeded} class="bars-ok" />
          <path d={failed} class="bars-bad" />
          <line x1={LEFT} x2={width} y1={line} y2={line} class="tick" />
          {dayTicks(...span, Math.max(2, Math.floor(width / 90))).map((tick) => (
            <text key={tick.getTime()} x={Math.min(width - 30, x(tick.getTime()))} y={TOP + HEIGHT + 18}>
              {day(tick)}
            </text>
          ))}
        </svg>
      )}
    </div>
  );
}
