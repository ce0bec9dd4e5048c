/** ln 0!, ln 1!, ... up to the largest window that anything is computed for. */
const SMALL = 1_024;
const table = new Float64Array(SMALL);
for (let n = 1; n < SMALL; n += 1) table[n] = (table[n - 1] ?? 0) + Math.log(n);

/** ln n! for a whole n >= 0: from a table, and beyond it by Stirling's series (Abramowitz and Stegun, 6.1.41). */
export function logFactorial(n: number): number {
  if (n < SMALL) return table[n] ?? 0;
  const x = n + 1;
  const series = 1 / (12 * x) - 1 / (360 * x ** 3);
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series;
}
