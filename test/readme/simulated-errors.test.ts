import { describe, expect, test } from "vitest";
import { inTests, simulatedTables, simulateErrors } from "../support/simulated-errors.ts";
import { chapter } from "./page.ts";

// Simulated from the seed that the page names. A figure of 2,000 histories, as the trials and the rates have them, is known
// to about one point; one of 400 to about two. The seed is fixed, so what passes once always passes.
const errors = simulateErrors(inTests);

test("the tables of the page are what the simulations give", () => {
  const page = chapter("How often it is wrong");
  for (const table of simulatedTables(errors)) expect(page).toContain(table);
});

describe("an agent whose rate never changes", () => {
  test.each(errors.steady)("at $rate is called changed on at most 2% of looks, and in at most 21% ever", (one) => {
    expect(one.looks).toBeLessThanOrEqual(0.02);
    expect(one.ever).toBeLessThanOrEqual(0.21);
  });

  test.each(errors.steady)("at $rate has at most 5 episodes in 1,000 runs", ({ episodes }) => {
    expect(episodes).toBeLessThanOrEqual(5);
  });
});

test("a fall from 0.9 to 0.5 is found within 40 runs in 98%, after 9 runs in the median", () => {
  const [fall] = errors.changes;
  expect(fall).toMatchObject({ from: 0.9, to: 0.5 });
  expect(fall?.found).toBeGreaterThanOrEqual(0.98);
  expect(fall?.medianDelay).toBeLessThanOrEqual(9);
});

test("checks that begin are no decline in more than 5%, where there are enough of them to be seen", () => {
  const found = new Map(errors.checking.map((one) => [one.share, one.found]));
  expect(found.get(0.55)).toBeLessThanOrEqual(0.05);
  expect(found.get(1)).toBeLessThanOrEqual(0.05);
  // Of fewer, some stretches have so few that the rule does not see the difference; a steady agent alone has a part of it.
  expect(found.get(0.3)).toBeLessThanOrEqual((found.get(0) ?? 0) + 0.03);
});

test("quality that stays is ever called changed in at most 15%, and a fall by its spread is found in 97%", () => {
  expect(errors.quality.ever).toBeLessThanOrEqual(0.15);
  expect(errors.quality.shift.found).toBeGreaterThanOrEqual(0.97);
});

describe("a trial", () => {
  const harmless = errors.trials.filter((one) => one.harmless);

  test.each(harmless)("of advice that $what is decided in at most 5%", ({ helped, hurt }) => {
    expect(helped + hurt).toBeLessThanOrEqual(0.05);
  });

  test("of advice that lifts 50% to 90% is decided by 200 runs in 99%, and by 40 in the median", () => {
    const great = errors.trials.find(({ what }) => what === "lifts 50% to 90%");
    expect(great?.helped).toBeGreaterThanOrEqual(0.99);
    expect(great?.medianRuns).toBeLessThanOrEqual(40);
  });
});

test("what the page says against before and after holds: a jump on the day of adoption looks better since", () => {
  const jump = errors.trials.find(({ what }) => what.includes("jumps"));
  expect(jump && "better" in jump && jump.better).toBeGreaterThan(0.8);
});
