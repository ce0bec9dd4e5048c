import type { AgentRow } from "../../../domain/dashboard/view-model.ts";
import { share } from "../../format.ts";
import type { Frame } from "./frame.ts";

/** Adoptions, trials and changes: lines through all panels, so that cause and effect are seen together. */
export function CutLines({ frame }: { frame: Frame }) {
  return (
    <g>
      {frame.labels.map(({ anchor, cut, lane, text, x }) => {
        const tone = cut.kind === "change" ? "mute" : "adv";
        const top = frame.rateTop - 12 - lane * 16;
        return (
          <g key={`${cut.kind} ${cut.after} ${cut.label}`} class={`cut ${tone}`}>
            <path d={`M${x} ${top - 9}V${frame.bottom}`} />
            <text x={x + (anchor === "end" ? -7 : 7)} y={top} text-anchor={anchor}>
              {text}
            </text>
          </g>
        );
      })}
    </g>
  );
}

/** Exactly what the verdict compares: the runs since the change, and those before it. */
export function Compared({
  frame,
  agent,
  runs,
}: {
  frame: Frame;
  agent: Pick<AgentRow, "since" | "before">;
  runs: number;
}) {
  if (agent.before === null) return null;
  const start = runs - agent.since.runs;
  const sides = [
    { from: Math.max(frame.first, start - agent.before.runs), to: start, text: `before ${share(agent.before)}` },
    { from: Math.max(frame.first, start), to: runs, text: `since ${share(agent.since)}` },
  ];
  return (
    <g>
      {sides.map(({ from, text, to }) => {
        const [x, end, y] = [frame.begin(from) + 2, frame.begin(to) - 2, frame.rate(0) - 7];
        if (end - x < 6) return null;
        return (
          <g key={text}>
            <path d={`M${x} ${y - 5}V${y}H${end}V${y - 5}`} class="mute" />
            {end - x > text.length * 5.6 && (
              <text x={(x + end) / 2} y={y - 6} text-anchor="middle" class="ink">
                {text}
              </text>
            )}
          </g>
        );
      })}
    </g>
  );
}
