import { plainLine } from "../../domain/text/plain-text.ts";
import { type Mend, mendChapter } from "../terminal/mend-chapter.ts";
import type { Style } from "../terminal/style.ts";
import { fields } from "../terminal/table.ts";

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
