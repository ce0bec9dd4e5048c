import { MIN_RUNS, splitWindows, surelyDiffers } from "../../src/domain/statistics/change.ts";
import { probabilityGreater } from "../../src/domain/statistics/statistics.ts";

/** Windows and what of their outcomes the rule calls a change: pairs of successes, recent and before. */
interface Look {
  readonly recent: number;
  readonly before: number;
  readonly called: readonly (readonly [recent: number, before: number])[];
}

/** The looks after the 10th to the 100th run, each worked out for every outcome that it can have. */
export function everyLook(): Look[] {
  const looks: Look[] = [];
  for (let runs = MIN_RUNS; runs <= 100; runs += 1) {
    const windows = splitWindows(Array.from({ length: runs }));
    const [recent, before] = [windows.recent.length, windows.before.length];
    const last = looks.at(-1);
    const isSame = last?.recent === recent && last.before === before;
    looks.push(isSame ? last : { recent, before, called: calledChanged(recent, before) });
  }
  return looks;
}

function calledChanged(recent: number, before: number): [number, number][] {
  const called: [number, number][] = [];
  for (let i = 0; i <= recent; i += 1) {
    for (let j = 0; j <= before; j += 1) {
      const [a, b] = [
        { runs: recent, successes: i },
        { runs: before, successes: j },
      ];
      if (surelyDiffers(a, b, probabilityGreater(a, b)) !== 0) called.push([i, j]);
    }
  }
  return called;
}

/** The expected share of looks at which an agent that succeeds at `rate` throughout is called changed. */
export function shareCalledChanged(looks: readonly Look[], rate: number): number {
  const shares = looks.map((look) => {
    const [recent, before] = [binomial(look.recent, rate), binomial(look.before, rate)];
    return look.called.reduce((sum, [i, j]) => sum + (recent[i] ?? 0) * (before[j] ?? 0), 0);
  });
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

/** The probabilities of 0 to n successes. */
function binomial(n: number, rate: number): number[] {
  const probabilities = [(1 - rate) ** n];
  for (let k = 1; k <= n; k += 1) {
    probabilities.push(((probabilities[k - 1] ?? 0) * (n - k + 1) * rate) / (k * (1 - rate)));
  }
  return probabilities;
}
