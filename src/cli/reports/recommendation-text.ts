import type { MeasuredRecommendation } from "../../domain/coaching/brief-input.ts";
import { plainLine } from "../../domain/text/plain-text.ts";
import type { MeasuredTrial } from "../../kaizen/kaizen.ts";
import type { Style } from "../terminal/style.ts";
import { fields } from "../terminal/table.ts";

const TEXT_CHARACTERS = 8_000;

export interface AdviceHistory {
  readonly events: readonly {
    readonly change: string;
    readonly timestamp: string;
    readonly note: string | undefined;
  }[];
  readonly trial: MeasuredTrial | undefined;
}

/** Everything about one recommendation, for a person. */
export function recommendationText(
  one: MeasuredRecommendation,
  { events, trial }: AdviceHistory,
  style: Style,
): string {
  const { agent, changedAt, detail, id, priority, sinceThen, status, title } = one;
  const text = (recorded: string) => plainLine(recorded, TEXT_CHARACTERS);
  const history = events.map(({ change, note, timestamp }, index): [string, string] => [
    index === 0 ? "History" : "",
    `${style.when(timestamp)} ${text(change).replaceAll("_", " ")}${note === undefined ? "" : `: ${text(note)}`}`,
  ]);
  const rows: [string, string | undefined][] = [
    ["Id", id ?? undefined],
    ["For", text(agent)],
    ["Status", `${status} since ${style.when(changedAt)}`],
    ["Priority", priority === undefined ? undefined : String(priority)],
    ["Detail", detail === undefined ? undefined : text(detail)],
    ["Since then", sinceThen === undefined ? undefined : style.withTimes(sinceThen.evidence)],
    ["Trial", trial === undefined ? undefined : style.withTimes(trial.evidence)],
    ...history,
  ];
  const [heading = ""] = [fields([["", text(title)]], style).trimStart()];
  return `${style.bold(heading.trimEnd().replaceAll(/\n +/g, "\n"))}\n\n${fields(rows, style)}`;
}
