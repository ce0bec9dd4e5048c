import { useState } from "preact/hooks";
import type { AgentRow, StoryRun } from "../../../domain/dashboard/view-model.ts";
import { moment, seconds } from "../../format.ts";
import { useWidth } from "../../hooks.ts";
import { outcomeSentences } from "../words.ts";
import { Compared, CutLines } from "./cuts.tsx";
import { type Frame, frameOf, type Story } from "./frame.ts";
import { DayTicks, KindPanels, PanelName, RatePanel, RunsPanel, TimePanel } from "./panels.tsx";

interface StoryProps {
  readonly agent: Pick<AgentRow, "since" | "before">;
  readonly story: Story;
}

const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 };

/** The story of an agent. Arrow keys, or the pointer, read single runs. */
export function StoryChart({ agent, story }: StoryProps) {
  const [element, width] = useWidth<HTMLDivElement>();
  const [chosen, setChosen] = useState<number>();
  const frame = frameOf(story, width);
  const last = story.runs.length - 1;
  const shown = chosen === undefined ? undefined : story.runs[chosen];
  const sentence = shown === undefined ? "" : `Run ${(chosen ?? 0) + 1} of ${last + 1}: ${sentenceOf(shown, story)}`;

  function onKeyDown(event: KeyboardEvent) {
    const step = steps[event.key];
    const to =
      event.key === "Home" ? 0 : event.key === "End" ? last : step && (chosen ?? last + (step < 0 ? 1 : 0)) + step;
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    setChosen(Math.max(0, Math.min(last, to)));
  }

  function onPointerMove({ currentTarget, clientX }: PointerEvent) {
    if (!(currentTarget instanceof Element)) return;
    const place =
      frame.first + Math.floor((clientX - currentTarget.getBoundingClientRect().left - frame.left) / frame.step);
    setChosen(place >= frame.first && place <= last ? place : undefined);
  }

  return (
    <>
      <div
        ref={element}
        class="story"
        role="slider"
        tabIndex={0}
        aria-label="Runs in their order; arrow keys go from run to run"
        aria-valuemin={1}
        aria-valuemax={last + 1}
        aria-valuenow={(chosen ?? last) + 1}
        aria-valuetext={chosen === undefined ? `${last + 1} runs` : `run ${chosen + 1}`}
        onKeyDown={onKeyDown}
        onPointerMove={onPointerMove}
        onPointerLeave={() => setChosen(undefined)}
      >
        {width > 0 && <Panels agent={agent} story={story} frame={frame} chosen={chosen} />}
      </div>
      <p class="reading" aria-live="polite">
        {sentence || "Move over the chart, or focus it and use the arrow keys, to read single runs."}
      </p>
    </>
  );
}

function Panels({ agent, chosen, frame, story }: StoryProps & { frame: Frame; chosen: number | undefined }) {
  const runs = story.runs.length;
  const failed = story.runs.filter(({ outcome }) => outcome === "f" || outcome === "r").length;
  const above = frame.isNarrow ? 18 : 0;
  const inBin = Math.max(0, ...story.bins.map(({ from, to }) => to - from));
  const median = story.median_time_s === null ? "" : `median ${seconds(story.median_time_s)}`;
  return (
    <svg width={frame.width} height={frame.height} aria-hidden="true">
      <CutLines frame={frame} />
      <PanelName
        frame={frame}
        y={frame.isNarrow ? 12 : frame.rateTop + 8}
        name="Success rate"
        note={`up to ${inBin} runs, 95% band`}
      />
      <RatePanel frame={frame} story={story} />
      <Compared frame={frame} agent={agent} runs={runs} />
      <PanelName frame={frame} y={frame.runsAt - above} name="Every run" note={`${failed} of ${runs} failed`} />
      <RunsPanel frame={frame} story={story} />
      <KindPanels frame={frame} story={story} />
      {frame.timesRange !== undefined && (
        <PanelName frame={frame} y={frame.timesTop + (frame.isNarrow ? -4 : 10)} name="Time, log scale" note={median} />
      )}
      <TimePanel frame={frame} story={story} />
      <DayTicks frame={frame} story={story} />
      {chosen !== undefined && chosen >= frame.first && (
        <path d={`M${frame.middle(chosen)} ${frame.rateTop - 8}V${frame.bottom}`} class="chosen" />
      )}
    </svg>
  );
}

function sentenceOf({ at, kind, outcome, quality, task, time_s: time }: StoryRun, { kinds }: Story): string {
  const failure = kind === null ? undefined : kinds[kind]?.example;
  const parts = [
    outcomeSentences[outcome],
    ...(task === null ? [] : [task]),
    ...(time === null ? [] : [seconds(time)]),
    ...(quality === null ? [] : [`quality ${quality}`]),
    ...(failure === undefined ? [] : [failure]),
  ];
  return `${moment(at)} · ${parts.join(" · ")}`;
}
