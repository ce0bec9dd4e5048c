import type { AgentRow } from "../../domain/dashboard/view-model.ts";
import type { Story } from "../marks/story/frame.ts";
import { StoryChart } from "../marks/story/story.tsx";
import { outcomeSentences } from "../marks/words.ts";
import { AsTable } from "./frame/frame.tsx";
import { StoryTable } from "./story-table.tsx";

interface PanelProps {
  readonly agent: Pick<AgentRow, "since" | "before">;
  readonly story: Story;
}

/** The story with what its marks mean, and as a table. */
export function StoryPanel({ agent, story }: PanelProps) {
  return (
    <section aria-label="The story of its runs" class="panel padded">
      <Legend story={story} />
      <StoryChart agent={agent} story={story} />
      <AsTable>
        <StoryTable story={story} />
      </AsTable>
    </section>
  );
}

const marks = { s: "M5 2v8", f: "M5 1v10", r: "M3 1h4v10H3z", p: "M3 2h4v8H3z" } as const;
const outcomes = ["s", "f", "r", "p"] as const;

/** Only what is there. */
function Legend({ story: { cuts, runs } }: { story: Story }) {
  const there = outcomes.filter((outcome) => runs.some((run) => run.outcome === outcome));
  const hasAdvice = cuts.some(({ kind }) => kind !== "change");
  return (
    <ul class="legend">
      {there.map((outcome) => (
        <Mark key={outcome} path={marks[outcome]} kind={`run-${outcome} mark`} text={outcomeSentences[outcome]} />
      ))}
      {hasAdvice && <Mark path="M5 0v12" kind="cut adv" text="advice or its trial" />}
      <li>The last {runs.length} runs, oldest left</li>
    </ul>
  );
}

function Mark({ kind, path, text }: { kind: string; path: string; text: string }) {
  return (
    <li>
      <svg width={10} height={12} aria-hidden="true">
        <path d={path} class={kind} />
      </svg>
      {text}
    </li>
  );
}
