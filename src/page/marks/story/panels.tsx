import { at, rateTicks, timeTicks } from "../../axis.ts";
import { day, percent, seconds } from "../../format.ts";
import { stripPaths } from "../outcomes.ts";
import type { Frame, Story } from "./frame.ts";

interface PanelProps {
  readonly frame: Frame;
  readonly story: Story;
}

/** A panel's name: beside it, or above it if there is no room. */
export function PanelName({ frame, y, name, note }: { frame: Frame; y: number; name: string; note: string }) {
  if (frame.isNarrow)
    return (
      <text x={0} y={y}>
        <tspan class="name">{name}</tspan> {note}
      </text>
    );
  return (
    <>
      <text x={0} y={y} class="name">
        {name}
      </text>
      <text x={0} y={y + 14}>
        {note}
      </text>
    </>
  );
}

/** The rate of each bin on the band of its interval. */
export function RatePanel({ frame, story }: PanelProps) {
  const { left, rate, right } = frame;
  const bins = story.bins.filter(({ from }) => from >= frame.first);
  return (
    <g>
      {rateTicks.map((tick) => (
        <g key={tick}>
          <line x1={left} x2={right} y1={rate(tick)} y2={rate(tick)} class="grid" />
          <text x={left - 8} y={rate(tick) + 4} text-anchor="end">
            {percent(tick)}
          </text>
        </g>
      ))}
      {bins.map((bin) => {
        const [x, end] = [frame.begin(bin.from) + 1, frame.begin(bin.to) - 1];
        const width = Math.max(1, end - x);
        return (
          <g key={bin.from}>
            <rect x={x} width={width} y={rate(bin.high)} height={rate(bin.low) - rate(bin.high)} rx={2} class="band" />
            {bin.rate !== null && <path d={`M${x} ${rate(bin.rate)}h${width}`} class="step" />}
          </g>
        );
      })}
    </g>
  );
}

/** Every run: up for a success, down for a failure. */
export function RunsPanel({ frame, story }: PanelProps) {
  const outcomes = story.runs.slice(frame.first).map(({ outcome }) => outcome);
  const { left, right, runsAt: middle, step } = frame;
  const paths = stripPaths(outcomes, { step, left, middle });
  return (
    <g>
      <line x1={left} x2={right} y1={middle} y2={middle} class="grid" />
      <path d={paths.s} class="run-s" stroke-width={Math.min(2.4, step * 0.6)} />
      <path d={paths.p} class="run-p" />
      <path d={paths.f} class="run-f" stroke-width={Math.min(3, step * 0.8)} />
      <path d={paths.r} class="run-r" />
    </g>
  );
}

/** A row for each kind of failure. */
export function KindPanels({ frame, story }: PanelProps) {
  return (
    <g>
      {story.kinds.slice(0, frame.kinds).map(({ count, signature }, kind) => {
        const y = frame.kindAt(kind);
        const path = story.runs
          .flatMap((run, place) =>
            run.kind === kind && place >= frame.first ? [`M${at(frame.middle(place))} ${y}h0`] : [],
          )
          .join("");
        return (
          <g key={signature}>
            <text x={0} y={frame.isNarrow ? y - 10 : y + 4} class="code">
              {shortened(signature, frame.isNarrow ? 40 : 19)}
            </text>
            <text x={frame.left - 8} y={y + 4} text-anchor="end">
              {count}
            </text>
            <line x1={frame.left} x2={frame.right} y1={y} y2={y} class="grid" />
            <path d={path} class="failure" />
          </g>
        );
      })}
    </g>
  );
}

/** The name of the error if there is one before the colon, which says most. */
function shortened(signature: string, most: number): string {
  const head = signature.split(":")[0] ?? "";
  const text = head.length >= 3 ? head : signature;
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

/** How long each run took, on a logarithmic scale. */
export function TimePanel({ frame, story }: PanelProps) {
  if (frame.timesRange === undefined) return null;
  let [succeeded, failed] = ["", ""];
  story.runs.forEach(({ outcome, time_s: time }, run) => {
    if (run < frame.first || time === null || time <= 0) return;
    const dot = `M${at(frame.middle(run))} ${at(frame.times(time))}h0`;
    if (outcome === "s" || outcome === "p") succeeded += dot;
    else failed += dot;
  });
  return (
    <g>
      {timeTicks(...frame.timesRange).map((tick) => (
        <g key={tick}>
          <line x1={frame.left} x2={frame.right} y1={frame.times(tick)} y2={frame.times(tick)} class="grid" />
          <text x={frame.left - 8} y={frame.times(tick) + 4} text-anchor="end">
            {seconds(tick)}
          </text>
        </g>
      ))}
      <path d={succeeded} class="time" />
      <path d={failed} class="time failed" />
    </g>
  );
}

const DAY_ROOM = 58;

/** A tick at the first run of a day, as far as there is room for its name. */
export function DayTicks({ frame, story }: PanelProps) {
  let lastDay = "";
  let free = frame.left;
  return (
    <g>
      {story.runs.map((run, place) => {
        const name = place < frame.first ? "" : day(run.at);
        const x = frame.begin(place);
        if (run.at === null || name === "" || name === lastDay) return null;
        lastDay = name;
        if (x < free || x > frame.right - DAY_ROOM / 2) return null;
        free = x + DAY_ROOM;
        return (
          <g key={run.at}>
            <path d={`M${x} ${frame.bottom + 4}v5`} class="tick" />
            <text x={x} y={frame.bottom + 21}>
              {name}
            </text>
          </g>
        );
      })}
    </g>
  );
}
