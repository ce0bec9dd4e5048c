import { at } from "../axis.ts";

/** So many runs fit into the strip of an agent's row. */
export const STRIP_LENGTH = 40;

const HOLLOW = 3.4;

/** A path for each kind of outcome, on both sides of a line: one element draws all runs of a kind. */
export function stripPaths(
  outcomes: Iterable<string>,
  { step, start = 0, left = 0, middle }: { step: number; start?: number; left?: number; middle: number },
): Record<"s" | "f" | "r" | "p", string> {
  const paths = { s: "", f: "", r: "", p: "" };
  const hollow = Math.min(HOLLOW, Math.max(2, step * 0.8));
  let place = start;
  for (const outcome of outcomes) {
    const x = at(left + (place + 0.5) * step);
    place += 1;
    if (outcome === "s") paths.s += `M${x} ${middle - 9}v8`;
    else if (outcome === "f") paths.f += `M${x} ${middle + 1}v10`;
    else if (outcome === "r") paths.r += `M${at(x - hollow / 2)} ${middle + 1.5}h${hollow}v9h-${hollow}z`;
    else paths.p += `M${at(x - hollow / 2)} ${middle - 8.5}h${hollow}v7h-${hollow}z`;
  }
  return paths;
}
