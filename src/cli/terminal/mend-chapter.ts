import type { Style } from "./style.ts";
import { hanging } from "./text-width.ts";

/** Something to be done, in a sentence, and what does it. */
export interface Mend {
  readonly what: string;
  readonly mend: string;
}

/** Problems and what mends them, below a title. */
export function mendChapter(title: string, items: readonly Mend[], style: Style): string {
  if (items.length === 0) return "";
  const lines = items.map(({ mend, what }) => `  - ${hanging(what, 4, style)}\n    ${hanging(mend, 4, style)}\n`);
  return `${title}\n${lines.join("")}`;
}
