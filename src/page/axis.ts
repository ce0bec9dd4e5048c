/** From a value to its place on the paper. */
export type Scale = (value: number) => number;

type Range = readonly [number, number];

export function linear([from, to]: Range, [start, end]: Range): Scale {
  const step = to === from ? 0 : (end - start) / (to - from);
  return (value) => start + (value - from) * step;
}

export function logarithmic([from, to]: Range, places: Range): Scale {
  const scale = linear([Math.log(from), Math.log(to)], places);
  return (value) => scale(Math.log(value));
}

/** Rates are always shown from 0 to 100%. */
export const rateTicks = [0, 0.25, 0.5, 0.75, 1] as const;

/** Times that people count in, in seconds. */
const times = [0.1, 0.3, 1, 3, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 10_800, 36_000, 86_400];

export function timeTicks(from: number, to: number): number[] {
  return times.filter((time) => time >= from && time <= to);
}

/** Round counts up to the highest, three at most. */
export function countTicks(highest: number): number[] {
  let step = 1;
  for (let place = 0; highest / step > 3; place += 1) step *= [2, 2.5, 2][place % 3] ?? 1;
  return [step, 2 * step, 3 * step].filter((value) => value <= highest);
}

/** Local midnights, so many at most, at equal distances of whole days. */
export function dayTicks(from: number, to: number, count: number): Date[] {
  const days = (to - from) / 86_400_000;
  let step = 1;
  for (let place = 0; days / step > count; place += 1) step *= [2, 3.5, 2][place % 3] ?? 1;
  const ticks: Date[] = [];
  const tick = new Date(to);
  tick.setHours(0, 0, 0, 0);
  while (tick.getTime() >= from) {
    ticks.unshift(new Date(tick));
    tick.setDate(tick.getDate() - step);
  }
  return ticks;
}

/** A place rounded to a tenth: a path of 200 marks is half as long. */
export function at(place: number): number {
  return Math.round(place * 10) / 10;
}
