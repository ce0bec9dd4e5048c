import { plainLine } from "../../domain/text/plain-text.ts";
import type { Style } from "../terminal/style.ts";
import { fields } from "../terminal/table.ts";
import { hanging } from "../terminal/text-width.ts";

/** Something to be done, in a sentence, and what does it. */
export interface Mend {
  readonly what: string;
  readonly mend: string;
}

export interface ShownStatus {
  readonly rows: readonly (readonly [name: string, value: string])[];
  readonly mend: readonly Mend[];
  /** What is no problem, and waits for a person. */
  readonly waiting: readonly Mend[];
}

export function statusText({ mend, rows, waiting }: ShownStatus, style: Style): string {
  const shown = rows.map(([name, value]) => [name, plainLine(value, 4_000)] as const);
  const chapters = [
    shown.length === 0 ? "" : fields(shown, style),
    mendChapter(style.warning("To mend:"), mend, style),
    mendChapter("For you to decide:", waiting, style),
    mend.length === 0 ? style.good("All is well.\n") : "",
  ];
  return chapters.filter((text) => text !== "").join("\n");
}

/** Problems and what mends them, below a title. */
export function mendChapter(title: string, items: readonly Mend[], style: Style): string {
  if (items.length === 0) return "";
  const lines = items.map(({ mend, what }) => `  - ${hanging(what, 4, style)}\n    ${hanging(mend, 4, style)}\n`);
  return `${title}\n${lines.join("")}`;
}
