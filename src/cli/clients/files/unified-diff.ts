import { structuredPatch } from "diff";

/** Lines around a change that are shown with it, as `diff -u` has it. */
const CONTEXT_LINES = 3;

/** A change in the form that `git apply` and `patch -p1` take; `undefined` stands for no file. */
export function unifiedDiff(path: string, before: string | undefined, after: string | undefined): string {
  if (before === after) return "";
  const { hunks } = structuredPatch("", "", before ?? "", after ?? "", undefined, undefined, {
    context: CONTEXT_LINES,
  });
  const head = [
    `--- ${before === undefined ? "/dev/null" : `a/${path}`}`,
    `+++ ${after === undefined ? "/dev/null" : `b/${path}`}`,
  ];
  const body = hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${oldLines === 0 ? oldStart - 1 : oldStart},${oldLines} +${newLines === 0 ? newStart - 1 : newStart},${newLines} @@`,
    ...lines,
  ]);
  return `${[...head, ...body].join("\n")}\n`;
}
