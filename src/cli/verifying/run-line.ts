import { recordedText } from "../../domain/text/plain-text.ts";
import type { UndecidedRun } from "../../kaizen/verification/verify.ts";
import { quoted } from "../../messages/names.ts";
import { outcomeWord } from "../../messages/verification.ts";
import type { Style } from "../terminal/style.ts";

/** Which run, when, and what it says of itself. */
export function runLine(
  { agent, execution: { record, success, timestamp }, id }: UndecidedRun,
  style: Pick<Style, "when">,
): string {
  const task = typeof record.task === "string" ? `, ${recordedText(record.task, 60)}` : "";
  return `${id} of ${quoted(agent)}, ${style.when(timestamp)}, claimed ${outcomeWord(success)}${task}`;
}
