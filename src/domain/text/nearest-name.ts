/** The known name that is nearest to a wrong one, if one is near: at most a third of its letters differ. */
export function nearestName(wrong: string, names: readonly string[]): string | undefined {
  const folded = wrong.toLowerCase().replaceAll(/[-_\s]/g, "");
  const scored = names
    .map((name) => ({ name, distance: editDistance(folded, name.toLowerCase().replaceAll(/[-_\s]/g, "")) }))
    .sort((a, b) => a.distance - b.distance);
  const best = scored[0];
  if (best !== undefined && best.distance <= Math.max(1, Math.floor(best.name.length / 3))) return best.name;
  return names.find((name) => folded.length >= 4 && (name.includes(folded) || name.split("_").includes(folded)));
}

/**
 * Edit distance in which two letters that changed places are one mistake (optimal string alignment), as
 * they are to who typed them. Long words are cut: they are no typo.
 */
function editDistance(a: string, b: string): number {
  const left = a.slice(0, 40);
  const right = b.slice(0, 40);
  let before: number[] = [];
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const substituted = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
      const swapped = isSwapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min(substituted, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[right.length] ?? 0;
}
