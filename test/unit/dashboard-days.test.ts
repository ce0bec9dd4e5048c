import { expect, test } from "vitest";
import { daysModel } from "../../src/domain/dashboard/days.ts";

const DAY = Date.parse("2026-11-22T00:00:00Z") / 86_400_000;

test("up to 90 days have a row each", () => {
  const days = [89, 1, 0].map((ago) => ({ day: DAY - ago, runs: 4, successes: 3 }));
  const { rows, unit } = daysModel(days);
  expect(unit).toBe("day");
  expect(rows.map(({ day }) => day)).toEqual(["2026-08-25", "2026-11-21", "2026-11-22"]);
  expect(rows[0]).toMatchObject({ runs: 4, successes: 3, rate: 0.75 });
});

test("of more days, the weeks have one, by their Monday", () => {
  const days = [90, 2, 1, 0].map((ago) => ({ day: DAY - ago, runs: 2, successes: 1 }));
  const { rows, unit } = daysModel(days);
  expect(unit).toBe("week");
  expect(rows.map(({ day, runs }) => [day, runs])).toEqual([
    ["2026-08-24", 2],
    ["2026-11-16", 6],
  ]);
  for (const { day } of rows) expect(new Date(day).getUTCDay()).toBe(1);
});

test("of years, the last two are shown, and no days have no rows", () => {
  const days = Array.from({ length: 1_500 }, (_, ago) => ({ day: DAY - 1_499 + ago, runs: 1, successes: 1 }));
  expect(daysModel(days).rows).toHaveLength(104);
  expect(daysModel([])).toEqual({ unit: "day", rows: [] });
});
